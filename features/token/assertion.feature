@token @profile:service-app
Feature: A service app proves who it is with a key
  An ordinary service app has no secret that could leak: it signs a statement for each token request. Okta checks each
  claim on its own and without leeway, so a client that gets one wrong works nowhere, or works until a clock drifts.

  Background:
    Given an org
    And a client that was set up as a service app

  Rule: The statement is about the client, for this endpoint, for a short time
    @ASR-001 @req:RFC7523-3-aud @must @cap:auth.private_key_jwt @real:read
    Scenario: The audience is the token endpoint that is called
      When the client gets a token
      Then the org saw assertions for its token endpoint
      And the org issued a token to the client

    @ASR-002 @req:RFC7523-3-iss @must @cap:auth.private_key_jwt @real:read
    Scenario: Issuer and subject are the client itself
      When the client gets a token
      Then the org saw assertions that the client made about itself
      And the org issued a token to the client

    @ASR-003 @req:OKTA-ASSERTION-EXP @must @cap:auth.private_key_jwt @real:read
    Scenario: It lives an hour at most
      When the client gets a token
      Then the org saw assertions that live an hour at most
      And the org issued a token to the client

    @ASR-004 @req:RFC7523-3-jti @must @cap:auth.private_key_jwt
    Scenario: Each token request has a statement of its own
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 2 token requests, each with an assertion of its own
      And the caller received what it asked for

  Rule: The statement names the key that signed it
    @ASR-005 @req:OKTA-ASSERTION-KID @must @cap:auth.private_key_jwt
    Scenario: The app has two active keys while one is being replaced
      Given the app has a second active key
      When the client gets a token
      Then the org saw assertions signed with RS256 and the key "current"
      And the org issued a token to the client

    @ASR-006 @req:OKTA-ASSERTION-KID @must @cap:auth.private_key_jwt
    Scenario: The client was not told the id of the app's only key
      Given the client was not told the id of its key
      When the client gets a token
      Then the org issued a token to the client

    @ASR-007 @req:OKTA-ASSERTION-ALG @must @cap:auth.private_key_jwt @cap:alg.ES256
    Scenario: The key is an elliptic curve key
      Given the app's key is an elliptic curve key
      When the client gets a token
      Then the org saw assertions signed with ES256 and the key "curve"
      And the org issued a token to the client
