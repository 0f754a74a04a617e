@paging
Feature: Reading a whole collection
  Okta returns collections in pages. An integration that misses a page silently drops users of a customer.

  Rule: The next page is the address that the org gave, unchanged
    @PAGE-001 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: The client reads every page once
      Given an org that serves pages of 40
      When the client lists all users
      Then the org saw every page asked for at the address it had handed out
      And the caller received every user that the org sent, each once
