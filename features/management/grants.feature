@management @grants @token
Feature: Grants that change while the client runs
  Scopes are decided when a token is issued, roles when it is used. A client that keeps its token keeps the old scopes
  for up to an hour, and meets the new role at once.

  Background:
    Given an org

  Rule: The next token has the scopes of the day
    @GRNT-001 @req:OKTA-GRANTS-NEXT-TOKEN @must
    Scenario: A scope that was granted is in the next token
      Given the app is granted "okta.users.read"
      And the client asks for "okta.users.read okta.groups.read"
      And an administrator has granted the scope okta.groups.read to the app
      When the client gets a token
      Then the org issued a token for "okta.users.read okta.groups.read"
      And the caller learnt which scopes the token has

    @GRNT-002 @req:OKTA-GRANTS-NEXT-TOKEN @must
    Scenario: A scope that was revoked is gone from the next token
      Given the client asks for "okta.users.read okta.groups.read"
      And an administrator has revoked the scope okta.groups.read of the app
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @GRNT-003 @req:OKTA-GRANTS-NEXT-TOKEN @must @control:GRNT-001
    Scenario: A token of before does not get the scope
      Given the app is granted "okta.users.read"
      And the client asks for "okta.users.read okta.groups.read"
      And a client that has a token
      And an administrator has granted the scope okta.groups.read to the app
      When the client reads groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

    @GRNT-004 @req:OKTA-GRANTS-NEXT-TOKEN @must
    Scenario: A token of before keeps its scope
      Given a client that has a token
      And an administrator has revoked the scope okta.groups.read of the app
      When the client reads groups
      Then the org answered the call with 200
      And the caller received 3 groups

    @GRNT-005 @req:OKTA-GRANTS-NEXT-TOKEN @must @cap:forget_token
    Scenario: A new token has what the old one lacked
      Given the app is granted "okta.users.read"
      And the client asks for "okta.users.read okta.groups.read"
      And a client that has a token
      And an administrator has granted the scope okta.groups.read to the app
      And a client that has forgotten its token
      When the client reads groups
      Then the org answered the call with 200
      And the caller received 3 groups

  Rule: A role counts from the moment that it is assigned
    @GRNT-006 @req:OKTA-ROLES-AT-ONCE @must
    Scenario: A token of before sees people once the app has a role
      Given the app has no admin role
      And a client that has a token
      And an administrator has assigned the role READ_ONLY_ADMIN to the app
      When the client reads users
      Then the org answered the call with 200
      And the org saw 1 token request in all
      And the caller received 6 users

    @GRNT-007 @req:OKTA-ROLES-AT-ONCE @must @control:GRNT-006 @negative
    Scenario: A token of before sees nobody once the role is gone
      Given a client that has a token
      And an administrator has taken the roles of the app away
      When the client reads users
      Then the org answered the call with 200
      And the caller received 0 users

    @GRNT-008 @req:OKTA-ROLES-AT-ONCE @must @control:GRNT-006
    Scenario: A single person is refused once the role is gone
      Given a client that has a token
      And an administrator has taken the roles of the app away
      When the client reads the user "member"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so
