@sign-in @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: Sending a person to sign in
  The client sends the person to the org and gets a code for them. What it forgets to protect here, nobody notices until
  somebody's account in a customer's org is taken over by a link.

  Background:
    Given an org that people sign in to
    And a client with a secret that the member signs in to

  Rule: A code is worth nothing to who intercepts it
    @SIGN-001 @req:RFC7636-4.3 @must
    Scenario: Each request has a challenge of the only method that Okta takes
      When the client gets a token
      Then the org saw an S256 challenge in every authorization request
      And the org issued a token to the client

    @SIGN-002 @req:RFC7636-4.5 @must
    Scenario: The exchange proves that it is the same client
      When the client gets a token
      Then the org saw each code exchanged with the verifier of its challenge
      And the org issued a token to the client

    @SIGN-003 @req:RFC7636-7.1 @must
    Scenario: No value is used for a second sign-in
      Given the client asks for "openid okta.users.read"
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 2 sign-ins, each with a state, a nonce and a challenge of its own
      And the caller received what it asked for

  Rule: The answer is bound to the request
    @SIGN-004 @req:RFC6749-10.12 @must
    Scenario: The request carries a state
      When the client gets a token
      Then the org saw a state in every authorization request that nobody can guess
      And the org sent the person back with a code and the state of the request

    @SIGN-005 @req:OIDC-3.1.2.1-nonce @should
    Scenario: The request carries a nonce when an ID token is asked for
      When the client gets a token
      Then the org saw a nonce in every authorization request that nobody can guess
      And the org issued a token to the client

  Rule: The redirect URI is the registered one, character for character
    @SIGN-006 @req:OKTA-REDIRECT-URI-EXACT @must
    Scenario: The same redirect URI in both requests
      When the client gets a token
      Then the org saw the redirect URI "https://app.example.com/callback" when the code was asked for and when it was exchanged
      And the org issued a token to the client

    @SIGN-007 @req:OKTA-REDIRECT-URI-EXACT @must
    Scenario: The app has several, and the client has one of them
      Given the client was given the redirect URI "https://app.example.com/another"
      When the client gets a token
      Then the org saw the redirect URI "https://app.example.com/another" when the code was asked for and when it was exchanged
      And the org issued a token to the client

  Rule: The client asks for what it was set up for, and for nothing that is not its own
    @SIGN-008 @req:OKTA-LEAST-PRIVILEGE @must
    Scenario: A code, for its own scopes
      When the client gets a token
      Then the org saw the client ask for a code for "openid offline_access okta.users.read"
      And the org issued a token for "openid offline_access okta.users.read"
      And the caller learnt which scopes the token has

    @SIGN-009 @req:OKTA-SECRETS-IN-URLS @must
    Scenario: The secret is shown at the token endpoint alone
      When the client gets a token
      Then the org saw the credentials in the Authorization header only
      And the org issued a token to the client

    @SIGN-010 @req:RFC9700-2.4 @must
    Scenario: The password is typed into a page of the org alone
      When the client gets a token
      Then the org saw the password of the member at the sign-in only
      And the org issued a token to the client
