@sign-in @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: What a token reaches is what its person reaches
  A person's token has the scopes that the app was granted, whoever the person is: Okta looks at their admin role only
  when the token is used. So a token with every scope may see nothing at all, and nobody was warned.

  Background:
    Given an org that people sign in to

  Rule: The scopes of the token are the grants of the app, not the role of the person
    @REACH-001 @req:OKTA-SILENT-DOWNSCOPING @must
    Scenario: A person without a role gets the scope all the same
      Given a client with a secret that the member signs in to
      And the client asks for "okta.users.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @REACH-002 @req:OKTA-SILENT-DOWNSCOPING @must
    Scenario: A scope that was not granted goes missing without a word
      Given a client with a secret that the reader signs in to
      And the client asks for "okta.users.read okta.apps.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @REACH-003 @req:OKTA-CONSENT-REQUIRED @must @control:REACH-001
    Scenario: None of the scopes was granted
      Given a client with a secret that the reader signs in to
      And the client asks for "okta.apps.read okta.logs.read"
      When the client gets a token
      Then the org sent the person back with consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

  Rule: The role decides when the token is used
    @REACH-004 @req:OKTA-ROLE-FILTERS-LISTS @must
    Scenario: A read-only administrator sees everybody
      Given a client with a secret that the reader signs in to
      When the client reads users
      Then the org answered the call with 200
      And the caller received 6 users

    @REACH-005 @req:OKTA-EMPTY-WITHOUT-ROLE @must @control:REACH-004 @negative
    Scenario: A person without a role sees an empty org
      Given a client with a secret that the member signs in to
      When the client reads users
      Then the org answered the call with 200
      And the caller received 0 users

    @REACH-006 @req:OKTA-ROLE-TARGETS @must
    Scenario: A help desk administrator sees their group
      Given a client with a secret that the helper signs in to
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "helper, member"

    @REACH-007 @req:OKTA-ROLE-DENIED @must @control:REACH-004
    Scenario: A read-only administrator holds a scope to manage
      Given a client with a secret that the reader signs in to
      And the client asks for "okta.users.manage"
      When the client creates a user
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @REACH-008 @req:OKTA-INSUFFICIENT-SCOPE @must @control:REACH-004
    Scenario: The token lacks the scope
      Given a client with a secret that the reader signs in to
      When the client reads groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

  Rule: A scope for the person's own data reaches nobody else's
    @REACH-009 @req:OKTA-SELF-SCOPES @must
    Scenario: The person reads themselves
      Given a client with a secret that the member signs in to
      And the client asks for "okta.users.read.self"
      When the client reads its own user
      Then the org answered the call with 200
      And the caller received exactly the users "member"

    @REACH-010 @req:OKTA-SELF-SCOPES @must
    Scenario: A list of users holds the person alone, whatever their role
      Given a client with a secret that the reader signs in to
      And the client asks for "okta.users.read.self"
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "reader"
