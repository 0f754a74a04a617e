@management @errors
Feature: Errors of every kind of thing
  Okta names in words which object it did not find and which field it did not take. Support reads them out of the
  client's log, if the client keeps them.

  Background:
    Given an org that the client may manage

  Rule: What is not there is named by id and type
    @MERR-001 @req:OKTA-ERRORS-NOT-FOUND @must @control:USER-001
    Scenario Outline: A <type> that is not there
      When the client reads the <kind> object "<id>"
      Then the org refused the call with 404 E0000007: "Not found: Resource not found: <id> (<type>)"
      And the org gave the answer a request id
      And the caller was told so

      Examples:
        | kind                  | id                   | type                |
        | policies              | 00pnobody00000000000 | Policy              |
        | network zones         | nzonobody00000000000 | NetworkZone         |
        | brands                | bndnobody00000000000 | Brand               |
        | custom roles          | cr0nobody00000000000 | CustomRole          |
        | resource sets         | iamnobody00000000000 | IAMPolicy           |
        | user types            | otynobody00000000000 | CVDType             |
        | trusted origins       | tosnobody00000000000 | TrustedOrigin       |
        | event hooks           | whonobody00000000000 | Webhook             |
        | authorization servers | ausnobody00000000000 | AuthorizationServer |

    @MERR-002 @req:OKTA-ERRORS-NOT-FOUND @must @control:USER-001
    Scenario: A login that nobody has
      When the client reads the user with the login "nobody@example.com"
      Then the org refused the call with 404 E0000007: "Not found: Resource not found: nobody@example.com (User)"
      And the caller was told so

  Rule: The scope is asked before the object, the role before the body
    @MERR-003 @req:OKTA-ORDER-OF-CHECKS @must @control:MERR-005
    Scenario: Neither the scope nor the person is there
      Given the client asks for "okta.groups.manage"
      When the client reads the users object "00unobody00000000000"
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.users.read
      And the caller was told so

    @MERR-004 @req:OKTA-ORDER-OF-CHECKS @must @control:MERR-005
    Scenario: Neither the role nor the name is there
      Given the app has no admin role
      When the client creates the group "Engineers" without "profile.name"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @MERR-005 @req:OKTA-ORDER-OF-CHECKS @must
    Scenario: Everything is there
      When the client creates the group "Engineers"
      Then the org answered the call with 200
      And the org gave the answer a request id
      And the caller received the group "Engineers"

  Rule: What is sent is JSON and says so
    @MERR-006 @req:OKTA-CONTENT-TYPE @must
    Scenario: A group with a description
      When the client creates the group "Engineers" whose "profile.description" is "They build"
      Then the org saw every body labelled as JSON
      And the org answered the call with 200
      And the caller learnt that "profile.description" is "They build"

    @MERR-007 @req:OKTA-ERRORS-TYPES @must @control:MERR-006 @wrong-request
    Scenario: A list where Okta wants a text
      When the client creates the group "Engineers" whose "profile.name" is "[]"
      Then the org refused the call with 400 E0000001: "Api validation failed: name" because "name: The field has an invalid value"
      And the caller was told so
