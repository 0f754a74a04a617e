@management @users @search
Feature: People who have left
  Okta leaves deactivated people out of plain lists and finds them by search and filter. A synchronisation that only
  lists never learns that somebody was deactivated; one that searches takes them for colleagues.

  Background:
    Given an org that the client may manage
    And a person "leaver" in the status DEPROVISIONED

  Rule: A plain list and q leave them out, search and filter do not
    @LEFT-001 @req:OKTA-USERS-DEPROVISIONED @must
    Scenario: By their id they are there
      When the client reads the user "leaver"
      Then the org answered the call with 200
      And the caller learnt that "status" is "DEPROVISIONED"

    @LEFT-002 @req:OKTA-USERS-DEPROVISIONED @must
    Scenario: A plain list has everybody else
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "admin, reader, helper, reporter, member, visitor"

    @LEFT-003 @req:OKTA-USERS-DEPROVISIONED @must
    Scenario: A search for their state finds them
      When the client reads users found by search 'status eq "DEPROVISIONED"'
      Then the org answered the call with 200
      And the caller received exactly the users "leaver"

    @LEFT-004 @req:OKTA-USERS-DEPROVISIONED @must
    Scenario: A filter for their state finds them
      When the client reads users found by filter 'status eq "DEPROVISIONED"'
      Then the org answered the call with 200
      And the caller received exactly the users "leaver"

    @LEFT-005 @req:OKTA-USERS-DEPROVISIONED @must
    Scenario: A search for anything finds them too
      When the client reads users found by search 'profile.login sw "le"'
      Then the org answered the call with 200
      And the caller received exactly the users "leaver"

    @LEFT-006 @req:OKTA-USERS-DEPROVISIONED @must @control:LEFT-005 @negative
    Scenario: The beginning of a name does not find them
      When the client reads users found by q "lea"
      Then the org answered the call with 200
      And the caller received 0 users

  Rule: Who is suspended has not left
    @LEFT-007 @req:OKTA-USERS-SUSPENDED-LISTED @must
    Scenario: A plain list has them
      Given an administrator has suspended the user "member"
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "admin, reader, helper, reporter, member, visitor"

  Rule: Who leaves is no member any longer
    @LEFT-008 @req:OKTA-USERS-LEAVE-GROUPS @must
    Scenario: A colleague's groups are shown
      When the client reads the groups of the user "member"
      Then the org answered the call with 200
      And the caller received exactly the groups "Everyone, Support"

    @LEFT-009 @req:OKTA-USERS-COME-BACK @must
    Scenario: Who comes back is a user again
      When the client activates the user "leaver"
      Then the org answered the call with 200
      And the org has the user "leaver" whose "status" is "PROVISIONED"
