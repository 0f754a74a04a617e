@management @users @lifecycle
Feature: The life of a user
  Joining, a leave, leaving: each is a transition that Okta allows from some states only. An integration that takes a
  refused one for done leaves an account open that should be closed.

  Background:
    Given an org that the client may manage

  Rule: A transition is made from the states that allow it
    @UCYC-001 @req:OKTA-USERS-LIFECYCLE @must @real:write
    Scenario: Somebody who was created for later comes
      Given an administrator has created the user "nora" for later
      When the client activates the user "nora"
      Then the org answered the call with 200
      And the org has the user "nora" whose "status" is "ACTIVE"

    @UCYC-002 @req:OKTA-USERS-LIFECYCLE @must
    Scenario: Somebody is on leave
      When the client suspends the user "member"
      Then the org answered the call with 200
      And the caller received an empty object
      And the org has the user "member" whose "status" is "SUSPENDED"

    @UCYC-003 @req:OKTA-USERS-LIFECYCLE @must
    Scenario: Somebody is back
      Given an administrator has created the user "nora"
      And an administrator has suspended the user "nora"
      When the client unsuspends the user "nora"
      Then the org answered the call with 200
      And the org has the user "nora" whose "status" is "ACTIVE"

    @UCYC-004 @req:OKTA-USERS-LIFECYCLE @must
    Scenario: Somebody leaves
      When the client deactivates the user "member"
      Then the org answered the call with 200
      And the org has the user "member" whose "status" is "DEPROVISIONED"

    @UCYC-005 @req:OKTA-USERS-LIFECYCLE @must
    Scenario: Somebody who guessed too often is let in again
      Given a person "nora" in the status LOCKED_OUT
      When the client unlocks the user "nora"
      Then the org answered the call with 200
      And the org has the user "nora" whose "status" is "ACTIVE"

    @UCYC-006 @req:OKTA-USERS-LIFECYCLE @must
    Scenario: Somebody has to choose a new password
      When the client expires the password of the user "member"
      Then the org answered the call with 200
      And the caller learnt that "status" is "PASSWORD_EXPIRED"

  Rule: From any other state it is refused, and nothing changes
    @UCYC-007 @req:OKTA-USERS-LIFECYCLE @must @control:UCYC-002
    Scenario Outline: The client <does> somebody who is <status>
      Given a person "nora" in the status <status>
      When the client <does> the user "nora"
      Then the org refused the call with <code>: "<summary>" because "<cause>"
      And the caller was told so
      And the org has the user "nora" whose "status" is "<status>"

      Examples:
        | does       | status    | code         | summary                              | cause                                         |
        | suspends   | STAGED    | 400 E0000001 | Api validation failed: suspendUser   | Cannot suspend a user that is not active      |
        | suspends   | SUSPENDED | 400 E0000001 | Api validation failed: suspendUser   | Cannot suspend a user that is not active      |
        | unsuspends | ACTIVE    | 400 E0000001 | Api validation failed: unsuspendUser | Cannot unsuspend a user that is not suspended |
        | unlocks    | ACTIVE    | 403 E0000032 | Unlock is not allowed for this user. | The user is not locked out.                   |

    @UCYC-008 @req:OKTA-USERS-LIFECYCLE @must @control:UCYC-001
    Scenario: Somebody active is activated
      When the client activates the user "member"
      Then the org refused the call with 403 E0000016: "Activation failed because the user is already active"
      And the caller was told so

    @UCYC-009 @req:OKTA-USERS-LIFECYCLE @must @control:USER-008
    Scenario: Somebody who has left changes their title
      Given a person "nora" in the status DEPROVISIONED
      When the client changes the "profile.title" of the user "nora" to "Engineer"
      Then the org refused the call with 403 E0000038: "This operation is not allowed in the user's current status."
      And the caller was told so

  Rule: A person is deleted in two steps
    @UCYC-010 @req:OKTA-USERS-DELETE @must
    Scenario: The first time they leave
      When the client deletes the user "member"
      Then the org answered the call with 204
      And the caller received an answer without a body
      And the org has the user "member" whose "status" is "DEPROVISIONED"

    @UCYC-011 @req:OKTA-USERS-DELETE @must @positive
    Scenario: The second time they are gone
      Given the client has deactivated the user "member"
      When the client deletes the user "member"
      Then the org answered the call with 204
      And the org has no users named "member"

    @UCYC-012 @req:OKTA-USERS-DELETE @must @control:UCYC-011
    Scenario: Who is gone is not found any more
      Given the client has deactivated the user "member"
      And the client has deleted the user "member"
      When the client reads the user "member"
      Then the org refused the call with 404 E0000007: "Not found: Resource not found: 00umember00000000000 (User)"
      And the caller was told so
