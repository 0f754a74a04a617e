@sign-in @profile:user-app @cap:grant.authorization_code
Feature: Clients of every kind
  An app on a phone or in a browser can keep no secret; a server can keep one or, better, a key. Okta takes from each
  app the one method that it was set up with, and refuses the others.

  Background:
    Given an org that people sign in to

  Rule: A public client has PKCE in place of a secret
    @PUB-001 @req:RFC8252-8.4 @must @cap:auth.none
    Scenario: A client on a phone
      Given a client with neither secret nor key that the member signs in to
      When the client gets a token
      Then the org saw only the client's id in the form of each token request
      And the org saw each code exchanged with the verifier of its challenge
      And the org issued a token to the client

    @PUB-002 @req:RFC8252-8.4 @must @cap:auth.none
    Scenario: A client in a browser
      Given a client with neither secret nor key, in a browser, that the member signs in to
      When the client gets a token
      Then the org saw only the client's id in the form of each token request
      And the org saw an S256 challenge in every authorization request
      And the org issued a token to the client

    @PUB-003 @req:OKTA-AUTH-METHOD @must @cap:auth.none @cap:auth.client_secret_basic @control:PUB-001
    Scenario: A public client was given a secret
      Given a client with neither secret nor key that the member signs in to
      And the secret was rotated after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "Client authentication failed. Either the client or the client credentials are invalid."
      And the caller was told so

    @PUB-004 @req:OKTA-AUTH-METHOD @must @cap:auth.none @cap:auth.client_secret_basic @control:PUB-001
    Scenario: A client that should have a secret was given none
      Given a client with a secret that the member signs in to
      And the client was given neither secret nor key
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "Client authentication failed. Either the client or the client credentials are invalid."
      And the caller was told so

  Rule: A client with a key signs for the exchange as it does for every token
    @PUB-005 @req:OKTA-PRIVATE-KEY-JWT @must @cap:auth.private_key_jwt
    Scenario: A client with a key
      Given a client with a key that the member signs in to
      When the client gets a token
      Then the org saw assertions for its token endpoint
      And the org saw assertions that the client made about itself
      And the org issued a token to the client

    @PUB-006 @req:RFC7523-3-jti @must @cap:auth.private_key_jwt
    Scenario: A refresh has a statement of its own
      Given a client with a key that the member signs in to
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 2 token requests, each with an assertion of its own
      And the caller received what it asked for
