"""Okta's own SDK, unmodified."""

import asyncio

import pytest
from okta.client import Client
from okta.pagination import paginate_all


@pytest.fixture
def settings(org, monkeypatch):
    # The SDK takes https only, unless this variable says that it is tested.
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    service = org.clients["service"]
    return {
        "orgUrl": org.url,
        "authorizationMode": "PrivateKey",
        "clientId": service["client_id"],
        "scopes": ["okta.users.read"],
        "privateKey": org.private_key("service"),
        "rateLimit": {"maxRetries": 2},
    }


async def logins(settings):
    return [user.profile.login async for user in paginate_all(Client(settings).list_users, limit=100)]


def test_the_sdk_reads_all_pages(org, settings):
    assert len(asyncio.run(logins(settings))) == 250


def test_the_sdk_waits_for_a_rate_limit(org, settings):
    org.fault({"rate_limited": {"reset_in_seconds": 1}}, path="/api/v1/users", nth=2)
    assert len(asyncio.run(logins(settings))) == 250
    assert org.seen("/api/v1/users") == [200, 429, 200, 200]


def test_a_failure_is_told_by_one_call_and_kept_silent_by_paginate_all(org, settings):
    org.fault({"error": "E0000009"}, path="/api/v1/users")
    org.fault({"error": "E0000009"}, path="/api/v1/users", nth=2)

    async def one_page():
        return await Client(settings).list_users(limit=1)

    users, _response, error = asyncio.run(one_page())
    assert not users and error.error_code == "E0000009"
    assert asyncio.run(logins(settings)) == []
