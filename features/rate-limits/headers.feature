@rate-limits
Feature: What an org says about its limits
  Every counted answer carries three headers, and a 429 carries no Retry-After. A client that looks for the header that
  other services send waits for no time at all, or for ever.

  Background:
    Given an org

  Rule: Each counted answer says how much is left for the client
    @LIM-001 @req:OKTA-RATE-LIMIT-HEADERS @must
    Scenario: The first call of a window
      Given an org that allows 5 calls of the bucket "/api/v1/users" per minute
      When the client reads users
      Then the org said that 4 of 5 calls were left and when the bucket resets
      And the caller received 6 users

    @LIM-002 @req:OKTA-RATE-LIMIT-HEADERS @must
    Scenario: The second call of a window
      Given an org that allows 5 calls of the bucket "/api/v1/users" per minute
      And the client has read users once
      When the client reads users
      Then the org said that 3 of 5 calls were left and when the bucket resets
      And the caller received 6 users

    @LIM-003 @req:OKTA-RATE-LIMIT-HEADERS @must
    Scenario: A client may use half of what the org has
      When the client reads users
      Then the org said that 299 of 300 calls were left and when the bucket resets
      And the caller received 6 users

    @LIM-006 @req:OKTA-RATE-LIMIT-HEADERS @must @real:read
    Scenario: Whatever the limit is
      When the client reads users
      Then the org said how many calls were left and when the bucket resets
      And the caller received what it asked for

    @LIM-004 @req:OKTA-RATE-LIMIT-FAILURES @must @control:LIM-001
    Scenario: A call that fails counts
      Given an org that allows 5 calls of the bucket "/api/v1/groups/{id}" per minute
      When the client reads the groups object "00gnobody00000000000"
      Then the org said that 4 of 5 calls were left and when the bucket resets
      And the caller was told so

  Rule: A 429 says when to come again in Okta's own header only
    @LIM-005 @req:OKTA-RATE-LIMIT-429 @must @control:LIM-002
    Scenario: One call too many
      Given an org that allows 1 calls of the bucket "/api/v1/users" per window
      And the client has read users once
      When the client reads users
      Then the org answered 429 E0000047: "API call exceeded rate limit due to too many requests.", with the reset and without Retry-After
      And the org saw the client wait until the bucket had reset
