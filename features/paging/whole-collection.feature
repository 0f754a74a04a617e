@paging
Feature: Reading a whole collection
  Okta returns collections in pages. An integration that misses a page silently drops users of a customer, and takes
  their access away where it should not.

  Background:
    Given an org that serves pages of 2

  Rule: The next page is the address that the org gave, unchanged
    @PAGE-001 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: The client reads every page once
      When the client lists all users
      Then the org saw every page asked for at the address it had handed out
      And the org saw 3 page requests
      And the caller received everything that the org sent, each once

    @PAGE-002 @req:OKTA-PAGINATION-OPAQUE @must @cap:list_all
    Scenario: Another list has cursors of another form
      When the client lists all groups
      Then the org saw every page asked for at the address it had handed out
      And the org saw 2 page requests
      And the caller received everything that the org sent, each once

    @PAGE-003 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: The client has chosen the size of a page
      When the client lists all users, 1 a page
      Then the org saw every page asked for at the address it had handed out
      And the org saw "limit=1" in the address of every page
      And the org saw 6 page requests
      And the caller received everything that the org sent, each once

    @PAGE-004 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: The members of a group
      Given an org that serves pages of 1
      When the client lists all members of the group "Support"
      Then the org saw every page asked for at the address it had handed out
      And the caller received exactly the users "helper, member"

  Rule: Without a next page the list is over
    @PAGE-005 @req:OKTA-PAGINATION-END @must @cap:list_all
    Scenario: Everything fits on one page
      Given an org that serves pages of 50
      When the client lists all users
      Then the org saw 1 page request
      And the caller received 6 users

    @PAGE-006 @req:OKTA-PAGINATION-END @must @cap:list_all
    Scenario: People who have left are in no plain list
      Given a person who has left the company
      When the client lists all users
      Then the org saw 3 page requests
      And the caller received 6 users

  Rule: The client's token goes to the org and to nobody else
    @PAGE-007 @req:OKTA-PAGINATION-ORIGIN @must @cap:list_all @cap:auth.client_secret_basic @control:PAGE-001 @negative
    Scenario: The next page is at another origin
      Given a client that was set up as an installed integration
      And an org whose next pages are at another origin than the client calls
      When the client lists all users
      Then the org saw every call at the origin that the client was given
      And the caller was not handed a part as if it were the whole
