import pytest
import requests
from directory import by_key, by_secret, list_users


@pytest.fixture
def session(org):
    acmesync = org.clients["acmesync"]
    return by_secret(org.url, acmesync["client_id"], acmesync["client_secret"])


def test_an_integration_reads_all_pages(org, session):
    users = list(list_users(session, org.url))
    assert len({user["id"] for user in users}) == 250
    assert org.seen("/api/v1/users") == [200, 200, 200]


def test_a_service_app_reads_all_pages(org):
    service = org.clients["service"]
    session = by_key(org.url, service["client_id"], org.private_key("service"), service["kid"])
    assert len(list(list_users(session, org.url))) == 250


def test_without_an_admin_role_the_list_is_empty(org):
    app = org.clients["service-without-role"]
    session = by_key(org.url, app["client_id"], org.private_key("service-without-role"), app["kid"])
    assert list(list_users(session, org.url)) == []


def test_a_failure_of_the_org_is_told(org, session):
    org.fault({"status": 503}, path="/api/v1/users", times=1)
    with pytest.raises(requests.HTTPError, match="503"):
        list(list_users(session, org.url))


def test_a_rate_limit_is_waited_for(org, session):
    org.fault({"rate_limited": {"reset_in_seconds": 1}}, path="/api/v1/users", nth=2)
    assert len(list(list_users(session, org.url))) == 250
    assert org.seen("/api/v1/users") == [200, 429, 200, 200]


def test_over_tls(org, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", org.ca_file)
    acmesync = org.clients["acmesync"]
    session = by_secret(org.tls_url, acmesync["client_id"], acmesync["client_secret"])
    assert len(list(list_users(session, org.tls_url))) == 250
