@pitfalls @token
Feature: Pitfalls: the token cannot be had
  The first thing that goes wrong is the first token, and Okta's words name the rule that was broken rather than the
  setting that broke it. Each scenario is titled by the words that people search for.

  Background:
    Given an org

  Rule: The key is one that the org can choose
    @PIT-010 @req:OKTA-ASSERTION-KID @must @profile:service-app @cap:auth.private_key_jwt @control:ASR-005
    Scenario: "The client_assertion JWT kid is invalid."
      Symptom: `401 invalid_client` at the token endpoint, on the day on which a second key was added or the first one replaced.
      Cause: The app has several active keys and the header of the assertion names none of them, or names one that was
      removed. With a single active key Okta tries that one; with two it does not guess.
      Cure: Put the `kid` of the registered key into the header of every assertion. When a key is replaced: register the
      new one, let the client sign with it, and only then deactivate the old one.
      Seen: okta/okta-sdk-python#289, reported by users (ratelimit-oin-facts F10)

      Given a client that was set up as a service app
      And the app has a second active key
      And the client was not told the id of its key
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion JWT kid is invalid."
      And the caller was told so

  Rule: An app proves who it is in the way that it is registered for
    @PIT-013 @req:OKTA-PRIVATE-KEY-JWT @must @profile:service-app @cap:auth.client_secret_basic @control:APP-001
    Scenario: "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method."
      Symptom: `401 invalid_client` for a service app with a client id and a secret that are both right.
      Cause: A service app that somebody made in the console gets `okta.*` scopes by a private key only. Client secrets
      are for API service integrations, which are installed from the OIN, and for custom authorization servers.
      Cure: Switch the app to "Public key / Private key", register the public key and sign a client assertion. Or install
      the integration from the OIN: that instance has a secret.
      Seen: public repositories, a vendor's setup guide and a lab note of June 2026 (ratelimit-oin-facts F13)

      Given a client that was set up as a service app
      And the app is configured for a client secret
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method."
      And the caller was told so

  Rule: Scopes are Okta's own, and granted to the app
    @PIT-117 @req:OKTA-GRANTS-NEXT-TOKEN @must
    Scenario: Cured: the scope was granted to the app
      Given the app is granted "okta.apps.read"
      And the client asks for "okta.users.read"
      And an administrator has granted the scope okta.users.read to the app
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @PIT-017 @req:OKTA-CONSENT-REQUIRED @must @control:PIT-117
    Scenario: "You are not allowed any of the requested scopes."
      Symptom: `400 consent_required` at the token endpoint, though nobody is there who could consent.
      Cause: None of the scopes that the client asks for was granted to the app. A new app has no grants at all, and an
      installed integration has those of the day on which it was installed.
      Cure: Grant the scopes on the app's tab "Okta API Scopes", or by `POST /api/v1/apps/{id}/grants`. An integration from
      the OIN is installed anew.
      Seen: a live org in September 2026, five public repositories (ratelimit-oin-facts F17)
      Try: curl -s -u $OIN -d grant_type=client_credentials -d scope=okta.apps.read $ORG/oauth2/v1/token

      Given the app is granted "okta.apps.read"
      And the client asks for "okta.users.read"
      When the client gets a token
      Then the org refused the token request with 400 consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

    @PIT-019 @req:RFC6749-5.2-invalid_scope @must @control:SCO-001
    Scenario: "Custom scopes are not allowed for this request."
      Symptom: `400 invalid_scope` at `/oauth2/v1/token`.
      Cause: One of the scopes is not Okta's: a misspelt `okta.` name does not bring these words, a name without `okta.`
      does. The org authorization server knows `okta.*` scopes only; scopes of one's own live on custom servers.
      Cure: Ask the org authorization server for `okta.*` scopes alone. A scope of your own API is asked for at the custom
      server that has it, with a request of its own.
      Seen: Okta developer forum 13539, reported by users (ratelimit-oin-facts F19)
      Try: curl -s -u $OIN -d grant_type=client_credentials -d scope=orders $ORG/oauth2/v1/token

      Given the client asks for "okta.users.read orders"
      When the client gets a token
      Then the org refused the token request with 400 invalid_scope: "Custom scopes are not allowed for this request."
      And the caller was told so

    @PIT-039 @req:RFC6749-5.2-invalid_scope @must @control:SCO-001
    Scenario: "Cannot request 'openid' scopes using client credentials."
      Symptom: `400 invalid_scope` as soon as `openid`, `profile` or `offline_access` is among the scopes.
      Cause: With client credentials there is no person who could sign in, so there is neither an ID token nor a refresh
      token. Libraries that add `openid` by themselves are the usual reason.
      Cure: Leave `openid`, `profile`, `email` and `offline_access` out. When the token ends, ask for another one.
      Seen: Colin-b/requests_auth#83, Colin-b/httpx_auth#62, reported by users (ratelimit-oin-facts F19)
      Try: curl -s -u $OIN -d grant_type=client_credentials -d scope=openid $ORG/oauth2/v1/token

      Given the client asks for "okta.users.read openid"
      When the client gets a token
      Then the org refused the token request with 400 invalid_scope: "Cannot request 'openid' scopes using client credentials."
      And the caller was told so
