@bad-day @paging
Feature: Pages that lead astray
  A client that follows whatever it is given reads for ever, stops too early, or carries its token to a stranger.

  Background:
    Given an org that serves pages of 2

  Rule: A list goes on as long as there is a next page
    @ASTRAY-001 @req:OKTA-PAGINATION-END @must @cap:list_all
    Scenario: An empty page in the middle
      Given the org's second answer about users is an empty page that has a next one
      When the client lists all users
      Then the client met that once
      And the org saw every page asked for at the address it had handed out
      And the caller received 6 users

    @ASTRAY-002 @req:OKTA-PAGINATION-END @must @cap:list_all
    Scenario: The first two pages are empty
      Given the org's first two answers about users is an empty page that has a next one
      When the client lists all users
      Then the client met that twice
      And the caller received 6 users

    @ASTRAY-003 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: Both links are in one line
      Given the org's every answer about users has its links in one line
      When the client lists all users
      Then the client met that three times
      And the caller received 6 users

  Rule: A page that was read is not read again
    @ASTRAY-004 @req:OKTA-PAGINATION-LOOP @must @cap:list_all @control:ASTRAY-001
    Scenario: The next page is the page itself
      Given the org's every answer about users leads to the same page again
      When the client lists all users
      Then the org saw a handful of attempts, and then none
      And the caller was not handed a part as if it were the whole

    @ASTRAY-005 @req:OKTA-PAGINATION-LOOP @must @cap:list_all @control:ASTRAY-001
    Scenario: The second page leads to itself
      Given the org's second answer about users leads to the same page again
      When the client lists all users
      Then the client met that once
      And the caller was not handed a part as if it were the whole

  Rule: The token stays with the org
    @ASTRAY-006 @req:OKTA-PAGINATION-ORIGIN @must @cap:list_all @control:ASTRAY-003 @negative
    Scenario: The next page is at a stranger's
      Given the org's first answer about users leads to a stranger
      When the client lists all users
      Then the org saw the client stay with the address that it was given
      And the caller was not handed a part as if it were the whole
