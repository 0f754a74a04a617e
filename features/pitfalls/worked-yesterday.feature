@pitfalls
Feature: Pitfalls: it worked yesterday
  Clocks drift, secrets and refresh tokens are replaced, people leave. What worked at the installation stops on some day,
  and what the integration reports then is all that its customer has.

  Rule: The clocks of client and org agree
    @PIT-008 @req:OKTA-ASSERTION-EXP @must @profile:service-app @cap:auth.private_key_jwt @control:KEY-001
    Scenario: "The client_assertion token is expired."
      Symptom: `401 invalid_client` for an assertion that was made a moment ago; it looks like a bad key.
      Cause: The client's clock is behind: `exp` is in the past when the org reads it. Okta gives no leeway. A local time
      that is taken for UTC does the same, by hours.
      Cure: Set the clock (NTP), compute `iat` and `exp` in UTC seconds, and show the difference between the `Date` of the
      answer and the own time with the error.
      Seen: a live org in September 2026, 19,800 seconds behind; a lab note of June 2026 (ratelimit-oin-facts F8)

      Given an org
      And a client that was set up as a service app
      And the client's clock is 330 minutes behind the org's
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion token is expired."
      And the caller was told so

    @PIT-009 @req:OKTA-ASSERTION-EXP @must @profile:service-app @cap:auth.private_key_jwt @control:KEY-001
    Scenario: "The client_assertion token has an expiration too far into the future."
      Symptom: `401 invalid_client` with a key that is right.
      Cause: `exp` is more than an hour after the org's time: the client's clock is fast, the assertion lives longer than an
      hour, or exactly an hour on a clock that is a second fast; or `exp` is in milliseconds.
      Cure: Let assertions live five minutes. That leaves room for a clock that is wrong, and nothing needs them longer.
      Seen: okta/okta-sdk-dotnet#489; a lab note of June 2026 (ratelimit-oin-facts F9)

      Given an org
      And a client that was set up as a service app
      And the client's clock is 120 minutes ahead of the org's
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion token has an expiration too far into the future."
      And the caller was told so

  Rule: A secret is replaced while both are good
    @PIT-142 @req:OIN-TWO-SECRETS @must @profile:oin-api-service @cap:auth.client_secret_basic
    Scenario: Cured: the client has the new secret of two
      Given an org
      And a client that was set up as an installed integration
      And the client holds the second of two active secrets
      When the client gets a token
      Then the org issued a token to the client

    @PIT-042 @req:RFC6749-5.2-invalid_client @must @profile:oin-api-service @cap:auth.client_secret_basic @control:PIT-142
    Scenario: "The client secret supplied for a confidential client is invalid."
      Symptom: `401 invalid_client` for an integration that ran for months.
      Cause: The customer's administrator made a new secret and deactivated the old one. A secret is shown once; what was
      copied with a blank or cut off brings the same words.
      Cure: Let users change the secret where they entered it, and try it before it is kept. An installation has two
      secrets at most: make the second, change over, then deactivate the first.
      Seen: Okta, overview of API service integrations (ratelimit-oin-facts F34)
      Try: curl -s -u 0oadevoin000000001d7:the-old-secret -d grant_type=client_credentials -d scope=okta.users.read $ORG/oauth2/v1/token

      Given an org
      And a client that was set up as an installed integration
      And the secret was rotated after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client secret supplied for a confidential client is invalid."
      And the caller was told so

  Rule: Whoever works for a person keeps the newest refresh token
    @PIT-132 @req:OKTA-OFFLINE-ACCESS @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: Cured: the client asked for offline_access
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 1 refresh in all
      And the org saw 1 authorization request in all
      And the caller received 6 users

    @PIT-032 @req:OKTA-OFFLINE-ACCESS @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic @control:PIT-132
    Scenario: After an hour everybody has to sign in again
      Symptom: `refresh_token` is missing in the answer of the token endpoint, and the access token ends after an hour.
      Cause: The client did not ask for `offline_access`, or the app lacks the grant type "Refresh Token". Okta says neither.
      Cure: Add `offline_access` to the scopes of the authorization request and tick "Refresh Token". When the answer has no
      refresh token, say so at once and not an hour later.
      Seen: a connector's setup page; the documentation of Nango (ratelimit-oin-facts F32)

      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the client asks for "openid okta.users.read"
      When the client gets a token
      Then the org sent no refresh token
      And the caller received what it asked for

    @PIT-041 @req:OKTA-REFRESH-REUSE @must @profile:user-app @cap:grant.authorization_code @cap:auth.none @cap:clock.inject @control:ROT-002
    Scenario: "The refresh token is invalid or expired."
      Symptom: `400 invalid_grant` at the second or third refresh, although the refresh token is only hours old.
      Cause: With rotation each refresh token is good for one use. An old one that turns up again ends the whole sign-in:
      two processes that refresh at once, an answer that was lost, or a copy in another environment.
      Cure: Keep the refresh token of every answer before the access token is used, let one process refresh at a time, and
      set a grace period of some seconds for the app. When it is refused, do not present it again: let the person sign in.
      Seen: the documentation of Nango; okta/okta-developer-docs#4360 (ratelimit-oin-facts F32)

      Given an org that people sign in to
      And a client with neither secret nor key, in a browser, that the reader signs in to
      And a client that has a token
      And a thief has used the refresh token
      And 61 minutes have passed
      When the client reads users
      Then the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."
      And the org saw the refused refresh token once
      And the person signed in again, or the caller learnt that they must
