@integrations @nango @profile:service-app @cap:auth.private_key_jwt
Feature: Nango's okta-cc connects an org
  Nadia sells a directory sync, and Nango keeps her customers' connections. Each customer made an API Services app and
  pasted its client id and private key; nobody ever signs in, so whatever fails, fails where no person is looking.
  Its own requests, as a program: examples/nango-okta-cc.

  Background:
    Given an org
    And a client that was set up as a service app

  Rule: A client id and a key are all there is
    @NCC-001 @req:OKTA-PRIVATE-KEY-JWT @req:OKTA-ORG-AUTHORIZATION-SERVER @must
    Scenario: The connection is made
      Given the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org saw a form posted to the token endpoint of its own authorization server
      And the org saw assertions signed with RS256 and the key "current"
      And the org answered with a Bearer token for an hour, in Okta's form
      And the caller learnt which scopes the token has

    @NCC-002 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: The first sync reads everybody
      Given an org that serves pages of 2
      When the client lists all users
      Then the org saw every page asked for at the address it had handed out
      And the caller received everything that the org sent, each once

  Rule: There is no refresh token: the client signs again
    @NCC-003 @req:OKTA-TOKEN-CACHE @should @cap:clock.inject
    Scenario: The next sync comes after half an hour
      Nango keeps a token until a quarter of an hour before its end; asking earlier costs limits and breaks nothing.

      Given a client that has a token
      And 30 minutes have passed
      When the client reads users
      Then the org saw 1 token request in all
      And the caller received 6 users

    @NCC-004 @req:RFC6749-5.1-expires_in @should @cap:clock.inject
    Scenario: The next sync comes after an hour
      Given a client that has a token
      And 61 minutes have passed
      When the client reads users
      Then the org saw 2 token requests, each with an assertion of its own
      And the org saw the client replace the token before it ended
      And the caller received 6 users

    @NCC-005 @req:OKTA-TOKEN-401 @must @cap:list_all
    Scenario: The org says first that the hour is over
      Given a client whose token the org no longer accepts
      When the client lists all users
      Then the org saw 2 token requests, each with an assertion of its own
      And the caller received 6 users

  Rule: No users is what an app without an admin role sees, not an org without users
    @NCC-006 @req:OKTA-EMPTY-WITHOUT-ROLE @must @cap:list_all @control:NCC-007 @negative
    Scenario: The customer forgot the role
      Given the app has no admin role
      When the client lists all users
      Then the org answered the call with 200
      And the caller received 0 users

    @NCC-007 @req:OKTA-ROLES-AT-ONCE @must @cap:list_all
    Scenario: The customer assigns the role while the connection stands
      Given the app has no admin role
      And a client that has a token
      And an administrator has assigned the role READ_ONLY_ADMIN to the app
      When the client lists all users
      Then the org saw 1 token request in all
      And the caller received 6 users

  Rule: What the customer set up otherwise is told in the org's words
    @NCC-008 @req:OKTA-SILENT-DOWNSCOPING @must
    Scenario: The customer granted one scope of two
      Given the app is granted "okta.users.read"
      And the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @NCC-009 @req:OKTA-CONSENT-REQUIRED @must @control:NCC-001
    Scenario: The customer granted none of them
      Given the app is granted "okta.apps.read"
      And the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org refused the token request with 400 consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

    @NCC-010 @req:RFC9449-5 @must @control:NCC-001
    Scenario: The customer left the box for proofs of possession ticked
      Given the app's tokens are bound to a key of the client
      When the client gets a token
      Then the org refused the token request with 400 invalid_dpop_proof: "The DPoP proof JWT header is missing."
      And the caller was told so

    @NCC-011 @req:RFC6749-5.2-unauthorized_client @must @control:NCC-001
    Scenario: The customer made a web app instead of API Services
      Given a client that was set up as a web app with a key
      When the client gets a token
      Then the org refused the token request with 400 unauthorized_client: "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token]."
      And the caller was told so
