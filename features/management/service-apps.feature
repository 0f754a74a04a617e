@management @apps @grants
Feature: Setting up a service app
  What an administrator does in the console an installer does by API: make the app, grant scopes, assign a role. Each
  step alone leaves an app that gets no token or sees nobody.

  Background:
    Given an org that the client may manage

  Rule: A new service app works when it has scopes and a role
    @SAPP-001 @req:OKTA-SERVICE-APP @must
    Scenario: A service app is made
      When the client creates the service app "Sync"
      Then the org answered the call with 200
      And the caller learnt that "settings.oauthClient.application_type" is "service"
      And the caller learnt that "credentials.oauthClient.token_endpoint_auth_method" is "private_key_jwt"

    @SAPP-002 @req:OKTA-SERVICE-APP @must @cap:auth.private_key_jwt
    Scenario: With a scope it gets a token
      Given an administrator has created the service app "Sync"
      And an administrator has granted the scope okta.users.read to the service app "Sync"
      And a client that was set up as the new service app "Sync"
      And the client asks for "okta.users.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller received what it asked for

    @SAPP-003 @req:OKTA-SERVICE-APP-CONSENT @must @cap:auth.private_key_jwt @control:SAPP-002
    Scenario: Without a scope it gets none
      Given an administrator has created the service app "Sync"
      And a client that was set up as the new service app "Sync"
      And the client asks for "okta.users.read"
      When the client gets a token
      Then the org refused the token request with 400 consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

    @SAPP-004 @req:OKTA-SERVICE-APP-ROLE @must @cap:auth.private_key_jwt
    Scenario: With a role it sees people
      Given an administrator has created the service app "Sync"
      And an administrator has granted the scope okta.users.read to the service app "Sync"
      And an administrator has assigned the role READ_ONLY_ADMIN to the service app "Sync"
      And a client that was set up as the new service app "Sync"
      And the client asks for "okta.users.read"
      When the client reads users
      Then the caller received 6 users

    @SAPP-005 @req:OKTA-SERVICE-APP-ROLE @must @cap:auth.private_key_jwt @control:SAPP-004 @negative
    Scenario: Without a role it sees nobody
      Given an administrator has created the service app "Sync"
      And an administrator has granted the scope okta.users.read to the service app "Sync"
      And a client that was set up as the new service app "Sync"
      And the client asks for "okta.users.read"
      When the client reads users
      Then the org answered the call with 200
      And the caller received 0 users

    @SAPP-010 @req:OKTA-SERVICE-APP-ROLE @must @cap:auth.private_key_jwt
    Scenario: It sees people where new service apps are super administrators
      Given an administrator has made new service apps super administrators
      And an administrator has created the service app "Sync"
      And an administrator has granted the scope okta.users.read to the service app "Sync"
      And a client that was set up as the new service app "Sync"
      And the client asks for "okta.users.read"
      When the client reads users
      Then the caller received 6 users

    @SAPP-006 @req:OKTA-SERVICE-APP-INACTIVE @must @cap:auth.private_key_jwt @control:SAPP-002
    Scenario: Switched off it gets no token
      Given an administrator has created the service app "Sync"
      And an administrator has granted the scope okta.users.read to the service app "Sync"
      And a client that was set up as the new service app "Sync"
      And an administrator has deactivated the service app "Sync"
      When the client gets a token
      Then the org refused the token request in the form of its API with 400 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so

  Rule: Grants and keys are lists of the app
    @SAPP-007 @req:OKTA-APP-GRANTS @must
    Scenario: The client grants a scope
      Given an administrator has created the service app "Sync"
      When the client grants the scope okta.groups.read to the service app "Sync"
      Then the org answered the call with 200
      And the caller learnt that "scopeId" is "okta.groups.read"

    @SAPP-008 @req:OKTA-APP-GRANTS @must
    Scenario: A new app has no grants yet
      Given an administrator has created the service app "Sync"
      When the client reads the grants of the service app "Sync"
      Then the org answered the call with 200
      And the caller received 0 grants

    @SAPP-009 @req:OKTA-APP-KEYS @must
    Scenario: A new app has the key that it was made with
      Given an administrator has created the service app "Sync"
      When the client reads the keys of the service app "Sync"
      Then the org answered the call with 200
      And the caller received 1 key
