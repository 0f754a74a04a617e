@token @profile:service-app
Feature: A key that is no longer the app's
  Keys are replaced, removed and mixed up, and clocks drift. The administrator of the customer's org sees only what the
  integration reports: each fault has its own words, and a client that swallows them costs a day.

  Background:
    Given an org
    And a client that was set up as a service app

  Rule: Only an active signing key of the app is accepted
    @KEY-001 @req:OKTA-ASSERTION-SIGNATURE @must @cap:auth.private_key_jwt
    Scenario: The client signs with the app's key
      When the client gets a token
      Then the org issued a token to the client

    @KEY-002 @req:OKTA-ASSERTION-KID @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The key was replaced
      Given the app's key was replaced after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion JWT kid is invalid."
      And the caller was told so

    @KEY-003 @req:OKTA-ASSERTION-SIGNATURE @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The key is that of another app
      Given the client was given the private key of another app
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion signature is invalid."
      And the caller was told so

    @KEY-004 @req:OKTA-ASSERTION-KID @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The app has two active keys and the client was not told which is its own
      Given the app has a second active key
      And the client was not told the id of its key
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion JWT kid is invalid."
      And the caller was told so

    @KEY-005 @req:OKTA-ASSERTION-JWKS @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The app has no key any longer
      Given the app's keys were removed after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client does not have a JWKSet configured, but the client_assertion requires one."
      And the caller was told so

    @KEY-006 @req:OKTA-ASSERTION-KEY-USE @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The key is meant for encryption
      Given the app's key is meant for encryption
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion JWT needs to be signed using a signing key."
      And the caller was told so

  Rule: The clocks must agree
    @KEY-007 @req:OKTA-ASSERTION-EXP @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The client's clock is behind
      Given the client's clock is 330 minutes behind the org's
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion token is expired."
      And the caller was told so

    @KEY-008 @req:OKTA-ASSERTION-EXP @must @cap:auth.private_key_jwt @control:KEY-001
    Scenario: The client's clock is ahead
      Given the client's clock is 120 minutes ahead of the org's
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion token has an expiration too far into the future."
      And the caller was told so
