@roles
Feature: What the app's admin role reaches
  A scope says what a token may be used for; the admin role says on what. Without a role some lists are empty and look
  like an org without users: the costliest misunderstanding of all, for nobody gets an error.

  Background:
    Given an org

  Rule: Lists are filtered to what the role reaches
    @ROL-001 @req:OKTA-ROLE-FILTERS-LISTS @must
    Scenario: A read-only administrator sees everybody
      Given the app has the admin role READ_ONLY_ADMIN
      When the client reads users
      Then the org answered the call with 200
      And the caller received 6 users

    @ROL-002 @req:OKTA-EMPTY-WITHOUT-ROLE @must @control:ROL-001 @negative
    Scenario: Without a role there are no users
      Given the app has no admin role
      When the client reads users
      Then the org answered the call with 200
      And the org linked the page to itself with a limit of 200, in a line of its own
      And the caller received 0 users

    @ROL-003 @req:OKTA-EMPTY-WITHOUT-ROLE @must @control:MIS-001 @negative
    Scenario Outline: Without a role there are no <kind>
      Given the app has no admin role
      When the client reads <kind>
      Then the org answered the call with 200
      And the caller received 0 <kind>

      Examples:
        | kind   |
        | groups |
        | apps   |

    @ROL-004 @req:OKTA-ROLE-TARGETS @must
    Scenario: A help desk administrator of one group sees its members
      Given the app has the admin role HELP_DESK_ADMIN for the group "Support"
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "helper, member"

    @ROL-005 @req:OKTA-CUSTOM-ROLES @must
    Scenario: A custom role reaches what its resource set holds
      Given the app has a custom role with "okta.users.read" on the group "Sales"
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "visitor"

  Rule: What is no list is refused, in JSON
    @ROL-006 @req:OKTA-ROLE-DENIED @must @real:read
    Scenario: A read-only administrator reads a user
      When the client reads the user "member"
      Then the org answered the call with 200
      And the caller received exactly the users "member"

    @ROL-007 @req:OKTA-ROLE-DENIED @must @control:ROL-006
    Scenario: Without a role a single user is refused
      Given the app has no admin role
      When the client reads the user "member"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @ROL-008 @req:OKTA-ROLE-DENIED @must @control:ROL-006
    Scenario: Neither a repetition nor a new token would help
      Given the app has no admin role
      When the client reads the user "member"
      Then the org saw that call once
      And the org saw 1 token request in all
      And the caller was told so

    @ROL-009 @req:OKTA-ROLE-TARGETS @must @control:ROL-006
    Scenario: A help desk administrator of one group is refused a user of another
      Given the app has the admin role HELP_DESK_ADMIN for the group "Support"
      When the client reads the user "visitor"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @ROL-010 @req:OKTA-ROLE-DENIED @must @control:ROL-006
    Scenario: A list that no role filters
      Given the app is granted "okta.logs.read"
      And the app has no admin role
      When the client reads logs
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @ROL-011 @req:OKTA-ROLE-BEFORE-BODY @must @control:ROL-006
    Scenario: A read-only administrator with the scope to manage creates a user
      Given the app is granted "okta.users.manage"
      And the app has the admin role READ_ONLY_ADMIN
      When the client creates a user
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so
