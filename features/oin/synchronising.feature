@oin @sync @cap:sync
Feature: Reading an org again and again
  An integration that reads everything every few minutes takes the limits of the whole org for itself. One that reads what
  has changed has to know that Okta's searches and its log lag behind: what happened before the last run may appear after
  it.

  Background:
    Given an org
    And the app is granted "okta.users.read okta.groups.read okta.logs.read"

  Rule: Large lists are read in large pages
    @SYNC-001 @req:OIN-PAGE-SIZE @should
    Scenario: The first time
      When the client synchronises
      Then the org saw large lists asked for in large pages
      And the caller received what it asked for

  Rule: After the first time only changes are read
    @SYNC-002 @req:OIN-DELTA @should
    Scenario: The second time
      Given the client has synchronised
      When the client synchronises
      Then the org saw each list asked for by what has changed since
      And the caller received what it asked for

  Rule: What appears late is late, and not lost
    @SYNC-003 @req:OIN-READ-AFTER-WRITE @must @cap:clock.inject
    Scenario: Searches and the log lag behind
      Given searches lag behind writes by 90 seconds
      And the client has synchronised
      And an administrator has created the user "nora"
      And a minute later the client has synchronised
      And 1 minutes have passed
      When the client synchronises
      Then the caller received all that happened to the user "nora"
