@management @groups @paging
Feature: Lists of groups and members
  A list may be empty, may have one page or many, and each is a success. What is read wrongly here decides who loses
  access tonight.

  Background:
    Given an org that the client may manage

  Rule: An empty list is an answer
    @GLST-001 @req:OKTA-EMPTY-LISTS @must
    Scenario: A group without members
      Given an administrator has created the group "Engineers"
      When the client reads the members of the group "Engineers"
      Then the org answered the call with 200
      And the caller received 0 users

    @GLST-002 @req:OKTA-EMPTY-LISTS @must @cap:list_all
    Scenario: All members of a group without members
      Given an administrator has created the group "Engineers"
      When the client lists all the members of the group "Engineers"
      Then the org saw 1 page request
      And the caller received 0 users

    @GLST-003 @req:OKTA-EMPTY-LISTS @must
    Scenario: A group without apps
      When the client reads the apps of the group "Sales"
      Then the org answered the call with 200
      And the caller received 0 apps

  Rule: Every page counts
    @GLST-004 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: More groups than fit on a page
      Given an org that the client may manage, in pages of 4
      And 9 groups more
      When the client lists all groups
      Then the org saw every page asked for at the address it had handed out
      And the org saw 3 page requests
      And the caller received 12 groups

    @GLST-005 @req:OKTA-PAGINATION-END @must @cap:list_all
    Scenario: The last page is full
      Given an org that the client may manage, in pages of 4
      And 5 groups more
      When the client lists all groups
      Then the org saw 2 page requests
      And the caller received 8 groups

    @GLST-006 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: More members than fit on a page
      Given an org that the client may manage, in pages of 2
      And an administrator has added the user "reader" to the group "Support"
      And an administrator has added the user "visitor" to the group "Support"
      And an administrator has added the user "admin" to the group "Support"
      When the client lists all members of the group "Support"
      Then the org saw 3 page requests
      And the caller received exactly the users "admin, helper, member, reader, visitor"

    @GLST-007 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: Everyone has everybody
      When the client lists all members of the group "Everyone"
      Then the org answered the call with 200
      And the caller received 6 users

  Rule: Some groups only
    @GLST-008 @req:OKTA-Q @must
    Scenario: The beginning of a name
      When the client reads groups found by q "Sup"
      Then the org answered the call with 200
      And the caller received exactly the groups "Support"

    @GLST-009 @req:OKTA-SEARCH @must
    Scenario: A part of a name
      When the client reads groups found by search 'profile.name co "al"'
      Then the org answered the call with 200
      And the caller received exactly the groups "Sales"

    @GLST-010 @req:OKTA-FILTER @must
    Scenario: What administrators made, and not what the org came with
      When the client reads groups found by filter 'type eq "OKTA_GROUP"'
      Then the org answered the call with 200
      And the caller received exactly the groups "Sales, Support"

    @GLST-011 @req:OKTA-SEARCH-SYNTAX @must @control:GLST-009
    Scenario: A search that cannot be read
      When the client reads groups found by search 'profile.name is "Sales"'
      Then the org refused the call with 400 E0000031: "Invalid search criteria."
      And the caller was told so
