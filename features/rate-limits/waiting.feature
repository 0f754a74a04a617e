@rate-limits
Feature: Living with rate limits
  Okta answers 429 when a bucket is empty, and says when it is full again. An integration that hammers on takes the
  quota of every other integration of the customer's org.

  Background:
    Given an org that serves pages of 2

  Rule: The client waits until the bucket has reset
    @RATE-001 @req:OKTA-RATE-LIMIT-RESET @must @cap:list_all
    Scenario: A list is longer than the bucket allows
      Given an org that allows 2 calls of the bucket "/api/v1/users" per window
      When the client lists all users
      Then the org saw the client wait until the bucket had reset
      And the caller received everything that the org sent, each once

    @RATE-002 @req:OKTA-RATE-LIMIT-RESET @must
    Scenario: The bucket is empty before the call
      Given an org that allows 1 calls of the bucket "/api/v1/users" per window
      And the client has read users once
      When the client reads users
      Then the org saw the client wait until the bucket had reset
      And the caller received 2 users

    @RATE-003 @req:OKTA-RATE-LIMIT-TOKEN @must
    Scenario: The token endpoint is limited as well
      Given an org that allows 1 calls of the bucket "/oauth2/v1/token" per window
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw the client wait until the bucket had reset
      And the caller received 2 users

    @RATE-004 @req:OKTA-RATE-LIMIT-TOKEN @must
    Scenario: Being limited does not cost the token
      Given an org that allows 1 calls of the bucket "/api/v1/users" per window
      And the client has read users once
      When the client reads users
      Then the org saw the token kept while the client waited
      And the caller received 2 users

  Rule: A bucket is about its own addresses
    @RATE-005 @req:OKTA-RATE-LIMIT-BUCKETS @must
    Scenario: Another list is not concerned
      Given an org that allows 1 calls of the bucket "/api/v1/users" per minute
      And the client has read users once
      When the client reads groups
      Then the org answered the call with 200
      And the org saw that call once

  Rule: Patience has an end, and the caller learns of it
    @RATE-006 @req:OKTA-RATE-LIMIT-GIVE-UP @must @control:RATE-002
    Scenario: The bucket never has room
      Given an org that allows 0 calls of the bucket "/api/v1/users" per window
      When the client reads users
      Then the org saw a few attempts, each after the reset before it
      And the caller was told so
