@management @groups
Feature: Groups and who is in them
  Groups carry access: who is in one may use what it was given. An integration that adds somebody twice, reads one page
  of members or takes an empty group for an error gives access to the wrong people.

  Background:
    Given an org that the client may manage

  Rule: Groups are made, renamed and deleted
    @GRP-001 @req:OKTA-GROUPS @must @real:write
    Scenario: A new group
      When the client creates the group "Engineers"
      Then the org answered the call with 200
      And the caller received the group "Engineers"
      And the caller learnt that "type" is "OKTA_GROUP"

    @GRP-002 @req:OKTA-GROUPS-UNIQUE-NAME @must @control:GRP-001
    Scenario: The name is taken
      When the client creates the group "Support"
      Then the org refused the call with 400 E0000001: "Api validation failed: name" because "name: An object with this field already exists in the current organization"
      And the caller was told so
      And the org has 1 group named "Support"

    @GRP-003 @req:OKTA-GROUPS-REQUIRED @must @control:GRP-001
    Scenario: A group without a name
      When the client creates the group "Engineers" without "profile.name"
      Then the org refused the call with 400 E0000001: "Api validation failed: name" because "name: The field cannot be left blank"
      And the caller was told so

    @GRP-004 @req:OKTA-GROUPS @must @real:write
    Scenario: A group is described anew
      Given an administrator has created the group "Engineers"
      When the client changes the "profile.description" of the group "Engineers" to "They build"
      Then the org answered the call with 200
      And the org has the group "Engineers" whose "profile.description" is "They build"

    @GRP-005 @req:OKTA-GROUPS @must @positive
    Scenario: A group is deleted, members and all
      When the client deletes the group "Sales"
      Then the org answered the call with 204
      And the caller received an answer without a body
      And the org has no groups named "Sales"
      And the org has the user "visitor" whose "status" is "ACTIVE"

    @GRP-012 @req:OKTA-GROUPS @must @positive @real:write
    Scenario: A group of a moment ago is deleted
      Given an administrator has created the group "Engineers"
      When the client deletes the group "Engineers"
      Then the org answered the call with 204
      And the caller received an answer without a body
      And the org has no groups named "Engineers"

    @GRP-006 @req:OKTA-GROUPS-BUILT-IN @must @control:GRP-005
    Scenario: Everyone cannot be deleted
      When the client deletes the group "Everyone"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so
      And the org has 1 group named "Everyone"

  Rule: Members are a set
    @GRP-007 @req:OKTA-GROUP-MEMBERS @must
    Scenario: Somebody joins
      When the client adds the user "visitor" to the group "Support"
      Then the org answered the call with 204
      And the caller received an answer without a body
      And the org has exactly the users "helper, member, visitor" in the group "Support"

    @GRP-008 @req:OKTA-GROUP-MEMBERS @must
    Scenario: Somebody joins twice
      When the client adds the user "member" to the group "Support"
      Then the org answered the call with 204
      And the org has exactly the users "helper, member" in the group "Support"

    @GRP-009 @req:OKTA-GROUP-MEMBERS @must
    Scenario: Somebody leaves
      When the client removes the user "member" from the group "Support"
      Then the org answered the call with 204
      And the org has exactly the users "helper" in the group "Support"

    @GRP-010 @req:OKTA-GROUP-MEMBERS @must @control:GRP-007
    Scenario: Somebody who is not there joins
      When the client adds the user "ghost" to the group "Support"
      Then the org refused the call with 404 E0000007: "Not found: Resource not found: 00ughost000000000000 (User)"
      And the caller was told so

    @GRP-011 @req:OKTA-GROUP-MEMBERS @must @control:GRP-007
    Scenario: Somebody joins a group that is not there
      When the client adds the user "member" to the group "Ghosts"
      Then the org refused the call with 404 E0000007: "Not found: Resource not found: 00gghosts00000000000 (UserGroup)"
      And the caller was told so
