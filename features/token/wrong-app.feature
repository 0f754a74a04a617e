@token
Feature: An app of the wrong kind
  Most support cases about a first token are an app that was made for something else, or a setting that its maker did
  not know of. The org says which; the integration must pass it on.

  Background:
    Given an org

  Rule: A service app authenticates by key
    @APP-001 @req:OKTA-PRIVATE-KEY-JWT @must @profile:service-app @cap:auth.private_key_jwt
    Scenario: A service app with a key
      Given a client that was set up as a service app
      When the client gets a token
      Then the org issued a token to the client

    @APP-002 @req:OKTA-PRIVATE-KEY-JWT @must @profile:service-app @cap:auth.client_secret_basic @control:OIN-001
    Scenario: The app is configured for a client secret
      Given a client that was set up as a service app
      And the app is configured for a client secret
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method."
      And the caller was told so

    @APP-003 @req:OKTA-AUTH-METHOD @must @profile:service-app @cap:auth.client_secret_basic @cap:auth.private_key_jwt @control:APP-001
    Scenario: The client was given a secret for an app that has a key
      Given a client that was set up as a service app
      And the client was given a secret although the app has a key
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "Client authentication failed. Either the client or the client credentials are invalid."
      And the caller was told so

  Rule: Client credentials are for service apps
    @APP-004 @req:RFC6749-5.2-unauthorized_client @must @cap:auth.client_secret_basic @control:OIN-001
    Scenario: A web app has no such grant type
      Given a client that was set up as a web app
      When the client gets a token
      Then the org refused the token request with 400 unauthorized_client: "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token]."
      And the caller was told so

    @APP-005 @req:OKTA-SERVICE-APPS-ONLY @must @cap:auth.client_secret_basic @control:OIN-001
    Scenario: A web app to which the grant type was added
      Given a client that was set up as a web app
      And client credentials is among the grant types of the app
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server."
      And the caller was told so

  Rule: The app must be there, active, and open to the client
    @APP-006 @req:OKTA-UNKNOWN-CLIENT @must @profile:service-app @cap:auth.private_key_jwt @control:APP-001
    Scenario: The org does not know the client id
      Given a client that was set up as a service app
      And the client was given an id that the org does not know
      When the client gets a token
      Then the org refused the token request in the form of its API with 400 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so

    @APP-007 @req:OKTA-INACTIVE-CLIENT @must @profile:service-app @cap:auth.private_key_jwt @control:APP-001
    Scenario: The app was deactivated
      Given a client that was set up as a service app
      And the app was deactivated
      When the client gets a token
      Then the org refused the token request in the form of its API with 400 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so

    @APP-008 @req:RFC9449-5 @must @profile:service-app @cap:auth.private_key_jwt @control:APP-001
    Scenario: Tokens of a new app are bound to a key, and the client was set up for Bearer tokens
      Given a client that was set up as a service app
      And the app's tokens are bound to a key of the client
      When the client gets a token
      Then the org refused the token request with 400 invalid_dpop_proof: "The DPoP proof JWT header is missing."
      And the caller was told so

    @APP-009 @req:OKTA-NETWORK-ZONE @must @control:TOK-001
    Scenario: The app may be used from another network only
      Given the app may be used from another network only
      When the client gets a token
      Then the org refused the token request with 403 access_denied: "The request is made from outside the client's permitted network zones."
      And the caller was told so
