@integrations @guides
Feature: Okta's guides to OAuth for its APIs
  Otto follows the guides to the letter: make an app, grant it scopes by API, get a token, call. Two sentences of them
  decide whether it works: who may grant, and that a token with a scope is not yet a right.
  Its own requests, as a program: examples/okta-oauth-guides.

  Rule: A scope is granted to the app before anybody asks for it
    @OGA-001 @req:OKTA-APP-GRANTS @must @profile:api-token @cap:auth.ssws
    Scenario: A super administrator grants a scope by API
      Given a client that holds the API token of the admin
      And an administrator has created the service app "Guide"
      When the client grants the scope okta.users.read to the service app "Guide"
      Then the org answered the call with 200
      And the caller learnt that "scopeId" is "okta.users.read"

    @OGA-002 @req:OKTA-SSWS-OWNER @must @profile:api-token @cap:auth.ssws @control:OGA-001
    Scenario: Any other administrator may not
      Given a client that holds the API token of the reader
      And an administrator has created the service app "Guide"
      When the client grants the scope okta.users.read to the service app "Guide"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @OGA-003 @req:OKTA-GRANTS-NEXT-TOKEN @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: The scope is granted, and the person signs in
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And an administrator has granted the scope okta.apps.read to the app
      And the client asks for "okta.apps.read"
      When the client gets a token
      Then the org issued a token for "okta.apps.read"
      And the caller learnt which scopes the token has

    @OGA-004 @req:OKTA-CONSENT-REQUIRED @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic @control:OGA-003
    Scenario: It is not granted, and the person comes back with an error
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the client asks for "okta.apps.read"
      When the client gets a token
      Then the org sent the person back with consent_required: "You are not allowed any of the requested scopes."
      And the org saw no token request
      And the caller was told so

  Rule: The token has every scope that was granted, whatever the person may do
    @OGA-005 @req:OKTA-SILENT-DOWNSCOPING @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: A read-only administrator gets a scope to manage
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the app is granted "okta.authorizationServers.manage"
      And the client asks for "okta.authorizationServers.manage"
      When the client gets a token
      Then the org issued a token for "okta.authorizationServers.manage"

    @OGA-006 @req:OKTA-MANAGE-INCLUDES-READ @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: With it they read
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the app is granted "okta.authorizationServers.manage"
      And the client asks for "okta.authorizationServers.manage"
      When the client reads authorization servers
      Then the org answered the call with 200

    @OGA-007 @req:OKTA-ROLE-DENIED @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic @control:OGA-006
    Scenario: With it they change nothing
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the app is granted "okta.authorizationServers.manage"
      And the client asks for "okta.authorizationServers.manage"
      When the client creates the authorization server "Orders"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

  Rule: A scope that ends in .self is about the person and nobody else
    @OGA-008 @req:OKTA-SELF-SCOPES @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: An administrator with okta.users.read.self lists one user
      Given an org that people sign in to
      And a client with a secret that the admin signs in to
      And the client asks for "okta.users.read.self"
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "admin"

    @OGA-009 @req:OKTA-INSUFFICIENT-SCOPE @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic @control:OGA-008
    Scenario: It opens no other list, whatever their role
      Given an org that people sign in to
      And a client with a secret that the admin signs in to
      And the client asks for "okta.users.read.self"
      When the client reads groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

  Rule: A service app needs a key, a scope and a role, in that order
    @OGA-010 @req:OKTA-SERVICE-APP @must @profile:service-app @cap:auth.private_key_jwt
    Scenario: All three are there
      Given an org
      And an administrator has created the service app "Guide"
      And an administrator has granted the scope okta.users.read to the service app "Guide"
      And an administrator has assigned the role READ_ONLY_ADMIN to the service app "Guide"
      And a client that was set up as the new service app "Guide"
      And the client asks for "okta.users.read"
      When the client reads users
      Then the caller received 6 users
