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

  Rule: The assertion is for the address that it is sent to
    @PIT-011 @req:RFC7523-3-aud @must @profile:service-app @cap:auth.private_key_jwt @positive
    Scenario: "The audience claim for client_assertion must be the endpoint invoked for the request."
      Symptom: `401 invalid_client` with a key and a client id that are right.
      Cause: `aud` is the issuer, another endpoint, or the token endpoint with a slash too many or under another host name
      (custom domain, `-admin`).
      Cure: Put exactly the address into `aud` to which the request is posted: `https://{org}/oauth2/v1/token`.
      Seen: okta/okta-sdk-dotnet#600, okta/okta-sdk-dotnet#604, zitadel/oidc#635 (ratelimit-oin-facts F11)

      Given a client that was set up as a service app
      When the client gets a token
      Then the org saw assertions for its token endpoint
      And the org issued a token to the client
      And the org refuses a client that puts the issuer into the assertion's aud, with 401 invalid_client: "The audience claim for client_assertion must be the endpoint invoked for the request."
      And the org refuses a client that puts a slash behind the audience of its assertion, with 401 invalid_client: "The audience claim for client_assertion must be the endpoint invoked for the request."

  Rule: An app proves who it is in the way that it is registered for
    @PIT-013 @req:OKTA-PRIVATE-KEY-JWT @must @profile:service-app @cap:auth.client_secret_basic @control:OIN-001
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

    @PIT-015 @req:OIN-ONE-CREDENTIAL @must @profile:oin-api-service @cap:auth.client_secret_basic @positive
    Scenario: "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body."
      Symptom: `401 invalid_request` with credentials of which each is right by itself.
      Cause: The request says twice who the client is: in the `Authorization` header and in the form, or by a secret and by an
      assertion. Libraries that are told to use Basic put the secret into the form as well.
      Cure: Choose one way: Basic for an API service integration, a client assertion for a service app with a key. With
      Basic leave `client_id` and `client_secret` out of the form; beside an assertion `client_id` does no harm.
      Seen: boylesoftware/tomcat-oidcauth#6 (ratelimit-oin-facts F15)
      Try: curl -s -u $OIN -d client_id=${OIN%:*} -d client_secret=${OIN#*:} -d grant_type=client_credentials -d scope=okta.users.read $ORG/oauth2/v1/token

      Given a client that was set up as an installed integration
      When the client gets a token
      Then the org saw the credentials in the Authorization header only
      And the org issued a token to the client
      And the org refuses a client that sends its secret in the header and in the form, with 401 invalid_request: "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body."

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

    @PIT-021 @req:OKTA-ORG-AUTHORIZATION-SERVER @must @profile:service-app @cap:auth.private_key_jwt @positive
    Scenario: "One or more scopes are not configured for the authorization server resource."
      Symptom: `400 invalid_scope` for a scope that is granted to the app and spelt right.
      Cause: The token is asked for at a custom authorization server, mostly the one called `default`. It does not know
      Okta's scopes, and tokens of its own are refused by the Management API. A misspelt `okta.` scope has the same words;
      an installed integration is told "This client cannot use a custom authorization server." instead.
      Cure: Use `https://{org}/oauth2/v1/token`, without `default` or any other name between `oauth2` and `v1`.
      Seen: Okta developer forum 25272, reported by users (ratelimit-oin-facts F19, F21)

      Given a client that was set up as a service app
      When the client gets a token
      Then the org saw a form posted to the token endpoint of its own authorization server
      And the org issued a token to the client
      And the org refuses a client that asks the custom authorization server `default` for its token, with 400 invalid_scope: "One or more scopes are not configured for the authorization server resource."
