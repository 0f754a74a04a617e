@token @profile:oin-api-service
Feature: An installed integration proves who it is with its secret
  A customer installs an integration from the OIN and gets a client id and a secret for it. Secrets are rotated, two at
  a time, and an installation can be removed on any day: the integration must say which of these it met.

  Background:
    Given an org
    And a client that was set up as an installed integration

  Rule: The secret travels in the Authorization header
    @OIN-001 @req:OIN-CLIENT-SECRET-BASIC @must @cap:auth.client_secret_basic @real:read
    Scenario: The client authenticates by Basic
      When the client gets a token
      Then the org saw the credentials in the Authorization header only
      And the org issued a token to the client

    @OIN-002 @req:OIN-SCOPES-SUBSET @must @cap:auth.client_secret_basic @real:read
    Scenario: The client asks for some of the scopes that it registered
      Given the client asks for "okta.groups.read"
      When the client gets a token
      Then the org issued a token for "okta.groups.read"
      And the caller learnt which scopes the token has

    @OIN-003 @req:OIN-TWO-SECRETS @must @cap:auth.client_secret_basic
    Scenario: Two secrets are active while one is being replaced
      Given the client holds the second of two active secrets
      When the client gets a token
      Then the org issued a token to the client

  Rule: A secret that is no longer good is reported
    @OIN-004 @req:RFC6749-5.2-invalid_client @must @cap:auth.client_secret_basic @control:OIN-001
    Scenario: The secret was rotated
      Given the secret was rotated after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client secret supplied for a confidential client is invalid."
      And the caller was told so

    @OIN-005 @req:OKTA-UNKNOWN-CLIENT @must @cap:auth.client_secret_basic @control:OIN-001
    Scenario: The integration is not installed in this org
      Given the client was given an id that the org does not know
      When the client gets a token
      Then the org refused the token request in the form of its API with 401 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so

    @OIN-006 @req:OKTA-INACTIVE-CLIENT @must @cap:auth.client_secret_basic @control:OIN-001
    Scenario: The installation was deactivated
      Given the app was deactivated
      When the client gets a token
      Then the org refused the token request in the form of its API with 401 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so

  Rule: A token is used as its type says
    @TYPE-001 @req:OIN-TOKEN-TYPE @must @cap:auth.client_secret_basic @control:TOK-001
    Scenario: The token is said to be bound to a key that the client does not have
      Given somebody on the way says that each token is bound to a key
      When the client reads users
      Then the org saw no call
      And the caller was told that it failed
