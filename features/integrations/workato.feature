@integrations @workato
Feature: Workato connects an org in three ways
  Wanda builds recipes and lets her customers choose: somebody signs in, an app proves itself with a key, or an API key
  is pasted. The forms look alike; what each of them reaches, and what it is refused for, does not.
  Its own requests, as a program: examples/workato.

  Rule: Somebody signs in: the scopes are the app's, the reach is the person's
    @WKTO-001 @req:OKTA-LEAST-PRIVILEGE @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: The least that a connection asks for
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the app is granted "okta.logs.read okta.schemas.read"
      And the client asks for "okta.logs.read okta.schemas.read offline_access openid"
      When the client gets a token
      Then the org saw the client ask for a code for "okta.logs.read okta.schemas.read offline_access openid"
      And the org issued a token for "okta.logs.read okta.schemas.read offline_access openid"

    @WKTO-002 @req:OKTA-SILENT-DOWNSCOPING @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: The scopes of a connection for which nobody chose any, and an app with the least
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the app is granted "okta.logs.read okta.schemas.read"
      And the client asks for "okta.logs.read okta.schemas.read offline_access openid okta.eventHooks.manage okta.users.manage okta.groups.manage okta.apps.read"
      When the client gets a token
      Then the org issued a token for "okta.logs.read okta.schemas.read offline_access openid"
      And the caller learnt which scopes the token has

    @WKTO-003 @req:OKTA-LOG-ROLES @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
    Scenario: A recipe polls the System Log for an administrator
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And the app is granted "okta.logs.read okta.schemas.read"
      And the client asks for "okta.logs.read okta.schemas.read offline_access openid"
      When the client reads logs
      Then the org answered the call with 200

    @WKTO-004 @req:OKTA-LOG-ROLES @must @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic @control:WKTO-003
    Scenario: Somebody without a role has made the connection
      Given an org that people sign in to
      And a client with a secret that the member signs in to
      And the app is granted "okta.logs.read okta.schemas.read"
      And the client asks for "okta.logs.read okta.schemas.read offline_access openid"
      When the client reads logs
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

  Rule: A key proves the app: scopes and a role are assigned to it
    @WKTO-005 @req:OKTA-LOG-ROLES @must @profile:service-app @cap:auth.private_key_jwt
    Scenario: The least that a connection asks for, with the role
      Given a client that was set up as a service app
      And the app is granted "okta.logs.read okta.schemas.read"
      And the client asks for "okta.logs.read okta.schemas.read"
      When the client reads logs
      Then the org answered the call with 200
      And the caller received 1 event

    @WKTO-006 @req:OKTA-INSUFFICIENT-SCOPE @must @profile:service-app @cap:auth.private_key_jwt @control:WKTO-007
    Scenario: A custom role, and only the least
      Given a client that was set up as a service app
      And the app is granted "okta.logs.read okta.schemas.read"
      And the app has a custom role with "okta.users.read" on the group "Support"
      And the client asks for "okta.logs.read okta.schemas.read"
      When the client reads users
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.users.read
      And the caller was told so

    @WKTO-007 @req:OKTA-CUSTOM-ROLES @must @profile:service-app @cap:auth.private_key_jwt
    Scenario: A custom role, and the scope to read users beside the least
      Given a client that was set up as a service app
      And the app is granted "okta.logs.read okta.schemas.read okta.users.read"
      And the app has a custom role with "okta.users.read" on the group "Support"
      And the client asks for "okta.logs.read okta.schemas.read okta.users.read"
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "helper, member"

    @WKTO-008 @req:RFC9449-5 @must @profile:service-app @cap:auth.private_key_jwt @control:WKTO-005
    Scenario: The box for proofs of possession is ticked
      Given a client that was set up as a service app
      And the app's tokens are bound to a key of the client
      When the client gets a token
      Then the org refused the token request with 400 invalid_dpop_proof: "The DPoP proof JWT header is missing."
      And the caller was told so

    @WKTO-009 @req:OKTA-LOG-POLLING @must @profile:service-app @cap:auth.private_key_jwt @positive
    Scenario: A recipe polls for events, and there are none yet
      Given a client that was set up as a service app
      And the app is granted "okta.logs.read okta.schemas.read"
      And the client asks for "okta.logs.read okta.schemas.read"
      When the client reads the events of the type "user.session.start"
      Then the org linked the page to the next one
      And the caller received 0 events

  Rule: An API key is its owner, on the day of the call
    @WKTO-010 @req:OKTA-SSWS-OWNER @must @profile:api-token @cap:auth.ssws
    Scenario: The key of an organisation administrator
      Given a client that holds the API token of the visitor
      And an administrator has assigned the role ORG_ADMIN to the user "visitor"
      When the client creates the user "nora"
      Then the org saw the API token in every call, and OAuth in none
      And the caller received the user "nora"

    @WKTO-011 @req:OKTA-SSWS-OWNER @must @profile:api-token @cap:auth.ssws @control:WKTO-010
    Scenario: The key of a read-only administrator
      Given a client that holds the API token of the reader
      When the client creates the user "nora"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @WKTO-012 @req:OKTA-HOOKS-LIFECYCLE @must @profile:api-token @cap:auth.ssws
    Scenario: A recipe starts by event hooks, and the key is a super administrator's
      Given a client that holds the API token of the admin
      When the client creates the event hook "Recipe"
      Then the org answered the call with 200
      And the org has 1 event hook named "Recipe"

    @WKTO-013 @req:OKTA-SSWS-OWNER @must @profile:api-token @cap:auth.ssws @control:WKTO-012
    Scenario: A recipe starts by event hooks, and the key is an organisation administrator's
      Given a client that holds the API token of the visitor
      And an administrator has assigned the role ORG_ADMIN to the user "visitor"
      When the client creates the event hook "Recipe"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @WKTO-014 @req:OKTA-SSWS-INVALID @must @profile:api-token @cap:auth.ssws @control:WKTO-010
    Scenario: The key's owner is suspended
      Given a client that holds the API token of the reader
      And the owner of that token is suspended
      When the client reads logs
      Then the org refused the call with 401 E0000011: "Invalid token provided"
      And the org saw that call once
      And the caller was told so
