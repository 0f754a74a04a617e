@rate-limits
Feature: Living with rate limits
  Okta answers 429 when a bucket is empty, and says when it is full again. An integration that hammers on takes the
  quota of every other integration of the customer's org.

  Rule: The client waits until the bucket has reset
    @RATE-001 @req:OKTA-RATE-LIMIT-RESET @must @cap:list_all
    Scenario: A list is longer than the bucket allows
      Given an org that serves pages of 40
      And an org that allows 4 calls of the list of users per window
      When the client lists all users
      Then the org saw the client wait until the bucket had reset
      And the caller received every user that the org sent, each once
