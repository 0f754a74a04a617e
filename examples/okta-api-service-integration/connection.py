"""Okta's guide "Build an API service integration", step by step: installed by API, used by client id and secret."""

import base64
import os

import stage
from wire import exchange

INSTALLATIONS = "/integrations/api/v1/api-services"


class Customer:
    """What the integration stores for each customer: domain, client id, client secret."""

    def __init__(self, org, client_id, client_secret):
        self.org, self.client_id, self.client_secret = org, client_id, client_secret

    def ask(self, form):
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        headers = {"Authorization": "Basic " + pair, "Cache-Control": "no-cache"}
        return exchange("POST", self.org.url + "/oauth2/v1/token", headers, form=form)

    def token(self, scope):
        """The answer to a token request for these scopes."""
        return self.ask({"grant_type": "client_credentials", "scope": scope})

    def call(self, path, token, method="GET", body=None):
        return exchange(method, self.org.url + path, {"Authorization": "Bearer " + token}, body=body)


def install(org, scopes):
    """What "Install & Authorize" does: the secret is in this answer and in no other."""
    installed = org.administer("POST", INSTALLATIONS, {"type": "acmesync", "grantedScopes": scopes})
    return Customer(org, installed["id"], installed["clientSecret"])


def said(answer):
    return (answer.status, *answer.words())


WRONG_SECRET = (401, "invalid_client", "The client secret supplied for a confidential client is invalid.")


def flow(customer, scopes):
    """The guide's own requests, in its order."""
    stage.chapter("Request an access token")
    answer = customer.token(scopes)
    stage.equal("client id and secret by Basic: 200", answer.status, 200)
    body = answer.json()
    stage.equal("a Bearer token", body["token_type"], "Bearer")
    stage.equal("for an hour", body["expires_in"], 3600)
    stage.equal("with the scopes that were asked for", set(body["scope"].split()), set(scopes.split()))
    stage.told("and without a refresh token", "refresh_token" not in body)
    wrong = Customer(customer.org, customer.client_id, customer.client_secret[:-1] + "!")
    stage.equal("a wrong secret, in the guide's words", said(wrong.token(scopes)), WRONG_SECRET)
    in_body = {"client_id": customer.client_id, "client_secret": customer.client_secret}
    form = {"grant_type": "client_credentials", "scope": scopes} | in_body
    refused = exchange("POST", customer.org.url + "/oauth2/v1/token", form=form)
    stage.equal("id and secret in the body are refused", (refused.status, refused.words()[0]), (401, "invalid_client"))
    refused = customer.ask({"grant_type": "client_credentials", "scope": ""})
    stage.equal("an empty scope is refused", (refused.status, refused.words()[0]), (400, "invalid_scope"))
    refused = customer.ask({"grant_type": "client_credentials"})
    stage.equal("and so is none", (refused.status, refused.words()[0]), (400, "invalid_scope"))

    stage.chapter("Make Okta API requests")
    users = customer.call("/api/v1/users?limit=20", body["access_token"])
    stage.equal("GET /api/v1/users: 200", users.status, 200)
    return body["access_token"], users.json()


def story(org):
    if not org.is_twin:
        client = org.client("")
        customer = Customer(org, client["client_id"], client["client_secret"])
        flow(customer, os.environ.get("SCOPES", "okta.users.read"))
        return

    stage.chapter("Authorize a test integration")
    registered = ["okta.users.read", "okta.groups.manage"]
    customer = install(org, registered)
    shown = org.administer("GET", f"{INSTALLATIONS}/{customer.client_id}")
    stage.told("the secret is shown once", "clientSecret" not in shown)
    stage.equal("the scopes are those of the submission", set(shown["grantedScopes"]), set(registered))

    token, users = flow(customer, "okta.users.read okta.groups.manage")
    stage.equal("nobody is in the list: the installation has no admin role", users, [])
    role = {"type": "READ_ONLY_ADMIN"}
    org.administer("POST", f"/oauth2/v1/clients/{customer.client_id}/roles", role)
    stage.equal("with one the same token reads a page", len(customer.call("/api/v1/users?limit=20", token).json()), 20)

    stage.chapter("Scope selection")
    answer = customer.token("okta.groups.manage")
    stage.equal("a subset of what was registered", answer.json()["scope"], "okta.groups.manage")
    token = answer.json()["access_token"]
    stage.equal("a scope to manage reads", customer.call("/api/v1/groups", token).status, 200)
    seen = customer.call("/api/v1/users", token)
    stage.equal("and nothing of another kind", (seen.status, seen.words()[0]), (403, "insufficient_scope"))
    seen = customer.call("/api/v1/groups", token, "POST", {"profile": {"name": "Made by the example"}})
    stage.equal("writing takes a role that may, too", (seen.status, seen.words()[0]), (403, "E0000006"))
    answer = customer.token("okta.users.read okta.apps.read")
    stage.equal("what was not registered goes missing without a word", answer.json()["scope"], "okta.users.read")
    wanted = (400, "consent_required", "You are not allowed any of the requested scopes.")
    stage.equal("until nothing is left", said(customer.token("okta.apps.read")), wanted)

    stage.chapter("Edit the submission: an installation is a snapshot")
    later = install(org, ["okta.users.read", "okta.apps.read"])
    stage.equal("a new one has the new scopes", later.token("okta.apps.read").json()["scope"], "okta.apps.read")
    stage.equal("the one of before keeps its own", said(customer.token("okta.apps.read")), wanted)

    stage.chapter("Two secrets while one is replaced")
    secrets = f"{INSTALLATIONS}/{customer.client_id}/credentials/secrets"
    first = org.administer("GET", secrets)[0]["id"]
    second = Customer(org, customer.client_id, org.administer("POST", secrets)["client_secret"])
    both = customer.token("okta.users.read").status, second.token("okta.users.read").status
    stage.equal("both work", both, (200, 200))
    org.administer("POST", f"{secrets}/{first}/lifecycle/deactivate")
    stage.equal("the first is switched off", said(customer.token("okta.users.read")), WRONG_SECRET)
    org.administer("DELETE", f"{secrets}/{first}")
    token = second.token("okta.users.read").json()["access_token"]
    stage.equal("the second goes on", second.call("/api/v1/users", token).status, 200)

    stage.chapter("By default, the access token expires in an hour")
    org.let_pass(3601)
    seen = second.call("/api/v1/users", token)
    stage.equal("after it: 401", (seen.status, *seen.words()), (401, "invalid_token", "The token has expired."))
    token = second.token("okta.users.read").json()["access_token"]
    stage.equal("a new one works", second.call("/api/v1/users", token).status, 200)

    stage.chapter("Remove the test integration instance")
    org.administer("DELETE", f"{INSTALLATIONS}/{customer.client_id}")
    wanted = (401, "invalid_client", "Invalid value for 'client_id' parameter.")
    stage.equal("its client id is gone", said(second.token("okta.users.read")), wanted)
    seen = second.call("/api/v1/users", token)
    stage.equal("and what it was given with it", (seen.status, seen.words()[0]), (401, "invalid_token"))
    stage.equal("the other installation works", later.token("okta.users.read").status, 200)


stage.run(story)
