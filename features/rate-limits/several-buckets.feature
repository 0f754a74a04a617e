@rate-limits
Feature: More than one bucket is empty
  Each bucket resets in its own time. A client that keeps one time for all of them comes too early to one, and waits for
  nothing at another.

  Rule: The reset that counts is that of the answer
    @RATE-007 @req:OKTA-RATE-LIMIT-RESET @must @cap:clock.inject
    Scenario: People are limited after groups were
      Given an org
      And the org's first answer about groups is that the bucket is used up
      And the client has read groups once
      And the org's first answer about users is that the bucket is used up
      When the client reads users
      Then the org saw the client wait for each bucket that was empty
      And the caller received 6 users
