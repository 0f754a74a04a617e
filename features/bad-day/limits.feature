@bad-day @rate-limits
Feature: Limits at the worst moment
  A limit is met in the middle of a list, or while a token is fetched; its headers may be doubled, dated wrongly or
  missing. Whoever takes the headers by their word waits as long as the org asks, and no longer.

  Background:
    Given an org that serves pages of 2

  Rule: A call that was limited is repeated after the reset
    @LIMITED-001 @req:OKTA-RATE-LIMIT-RESET @must @cap:clock.inject
    Scenario Outline: The answer <what>
      Given the org's first answer about users <what>
      When the client reads users
      Then the client met that once
      And the org saw the client wait until the bucket had reset
      And the caller received 2 users

      Examples:
        | what                                              |
        | is that the bucket is used up                     |
        | is that too many calls are in flight              |
        | is that the bucket is used up, with two resets    |

    @LIMITED-002 @req:OKTA-RATE-LIMIT-RESET @must @cap:list_all @cap:clock.inject
    Scenario: The second page is limited
      Given the org's second answer about users is that the bucket is used up
      When the client lists all users
      Then the client met that once
      And the org saw the client wait until the bucket had reset
      And the caller received 6 users

    @LIMITED-003 @req:OKTA-RATE-LIMIT-RESET @must @cap:clock.inject
    Scenario: It is limited twice
      Given the org's first two answers about users is that the bucket is used up
      When the client reads users
      Then the client met that twice
      And the caller received 2 users

    @LIMITED-004 @req:OKTA-RATE-LIMIT-TOKEN @must @cap:clock.inject @cap:auth.private_key_jwt
    Scenario: The token endpoint is limited
      Given the org's first answer about tokens is that the bucket is used up
      When the client reads users
      Then the client met that once
      And the org saw 2 token requests, each with an assertion of its own
      And the caller received 2 users

  Rule: The wait is the reset less the date of the same answer, whatever the clocks say
    @LIMITED-005 @req:OKTA-RATE-LIMIT-DATE @must @cap:clock.inject
    Scenario: The date is five minutes ahead
      Given the org's first answer about users is that the bucket is used up, with a date five minutes ahead
      When the client reads users
      Then the client met that once
      And the caller received 2 users

  Rule: Patience has an end, and the caller learns of it
    @LIMITED-006 @req:OKTA-RATE-LIMIT-GIVE-UP @must @cap:clock.inject @control:LIMITED-003
    Scenario: It is limited for ever
      Given the org's every answer about users is that the bucket is used up
      When the client reads users
      Then the org saw a handful of attempts, and then none
      And the caller was told so

    @LIMITED-007 @req:OKTA-RATE-LIMIT-GIVE-UP @must @control:ERR-001
    Scenario: Nobody says when the bucket resets
      Given the org's every answer about users is that the bucket is used up, without saying until when
      When the client reads users
      Then the org saw a handful of attempts, and then none
      And the caller was told so
