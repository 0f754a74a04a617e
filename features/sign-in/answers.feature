@sign-in @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: An answer that is not what it seems
  Between the request and its answer is a browser full of other sites. A client that takes every answer signs people in
  to accounts that are not theirs, and shows their data to somebody else.

  Background:
    Given an org that people sign in to
    And a client with a secret that the member signs in to

  Rule: Only the answer to the own request counts
    @ANS-001 @req:RFC6749-10.12 @must
    Scenario: Somebody on the way lets everything pass
      Given what client and org say to each other passes somebody else
      When the client gets a token
      Then the org issued a token to the client
      And the caller received what it asked for

    @ANS-002 @req:RFC6749-10.12 @must @control:ANS-001
    Scenario: The state is that of another request
      Given somebody on the way replaces the state
      When the client gets a token
      Then the org saw no token request
      And the caller was told of a fault in what came back

    @ANS-003 @req:OKTA-STATE-REQUIRED @must @control:ANS-001
    Scenario: The state was lost on the way
      Given somebody on the way removes the state
      When the client gets a token
      Then the org sent the person back with invalid_request: "The authentication request has an invalid 'state' parameter."
      And the org saw no token request
      And the caller was told of a fault in what came back

    @ANS-004 @req:OIDC-3.1.3.7-nonce @must @control:ANS-001
    Scenario: The ID token is that of another sign-in
      Given somebody on the way replaces the nonce
      When the client reads users
      Then the org saw no call
      And the caller was told of a fault in what came back

  Rule: An ID token is believed only when the org has signed it for this client
    @ANS-005 @req:OIDC-3.1.3.7-signature @must @control:ANS-001
    Scenario: The ID token was made to name somebody else
      Given somebody on the way replaces the ID token
      When the client reads users
      Then the org saw no call
      And the caller was told of a fault in what came back

    @ANS-006 @req:OIDC-3.1.3.7-iss @must @control:ANS-001
    Scenario: The client was set up for another issuer
      Given the client was given the issuer of another org
      When the client reads users
      Then the org saw no call
      And the caller was told of a fault in what came back
