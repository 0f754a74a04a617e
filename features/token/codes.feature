@token @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: Exchanging a code
  A code lives five minutes, for one exchange, by the client that asked for it. Each mistake has its own words; a client
  that tries again with the same code only uses up the time in which the person would still have been there.

  Background:
    Given an org that people sign in to
    And a client with a secret that the member signs in to

  Rule: A code is exchanged once
    @CODE-001 @req:RFC6749-4.1.2 @must
    Scenario: The first exchange is the only one
      When the client gets a token
      Then the org saw each code exchanged once
      And the org issued a token to the client
      And the caller received what it asked for

    @CODE-002 @req:RFC6749-4.1.2 @must
    Scenario: A new sign-in brings a new code
      Given the client asks for "openid okta.users.read"
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 2 authorization requests in all
      And the org saw each code exchanged once
      And the caller received what it asked for

    @CODE-003 @req:OKTA-TOKEN-LIFETIME @must
    Scenario: The caller learns how long the token is good
      When the client gets a token
      Then the org issued a token to the client
      And the caller learnt that the token is good for about 3600 seconds

  Rule: A code is good for the client, the redirect URI and the verifier that it was asked for with
    @CODE-004 @req:OKTA-CODE-INVALID @must @control:CODE-001
    Scenario: The code is no code of the org
      Given somebody on the way spoils the code
      When the client gets a token
      Then the org refused the token request with 400 invalid_grant: "The authorization code is invalid or has expired."
      And the caller was told so

    @CODE-005 @req:RFC7636-4.6 @must @control:CODE-001
    Scenario: The verifier is not that of the challenge
      Given somebody on the way spoils the PKCE verifier
      When the client gets a token
      Then the org refused the token request with 400 invalid_grant: "PKCE verification failed."
      And the org saw 1 authorization request in all
      And the caller was told so

    @CODE-006 @req:OKTA-CODE-REDIRECT-URI @must @control:CODE-001
    Scenario: The redirect URI is another one of the app
      Given somebody on the way spoils the redirect URI of the exchange
      When the client gets a token
      Then the org refused the token request with 400 invalid_grant: "The 'redirect_uri' does not match the redirection URI used in the authorization request."
      And the caller was told so
