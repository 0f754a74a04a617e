@token
Feature: The life of a token
  A token is good for an hour and there is no refresh token. A client that asks for one before every call uses up the
  org's quota for tokens; one that does not replace it stops working after an hour, at night, at every customer.

  Background:
    Given an org

  Rule: A token is kept for as long as it is good
    @LIFE-001 @req:OKTA-TOKEN-CACHE @must @real:read
    Scenario: The second time the token comes from the cache
      Given a client that has a token
      When the client gets a token
      Then the org saw 1 token request in all
      And the caller learnt which scopes the token has

    @LIFE-002 @req:OKTA-TOKEN-CACHE @must @cap:list_all
    Scenario: One token is enough for all pages of a list
      Given an org that serves pages of 2
      When the client lists all users
      Then the org saw 3 page requests
      And the org saw 1 token request in all

    @LIFE-003 @req:OKTA-TOKEN-CACHE @should @cap:clock.inject
    Scenario: After half an hour the token is still used
      Okta sets no time at which a token is too old to be kept; asking early costs limits and breaks nothing.

      Given a client that has a token
      And 30 minutes have passed
      When the client reads users
      Then the org saw 1 token request in all
      And the caller received 6 users

  Rule: A token that is no longer accepted is replaced, once and without troubling a person
    @TOK-002 @req:OKTA-TOKEN-401 @must
    Scenario: The token has expired
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org answered the first call with 401, an empty body and the challenge "The token has expired."
      And the org saw the client ask for a new token and repeat the call
      And the caller received what it asked for

    @LIFE-004 @req:OKTA-TOKEN-401 @must @cap:list_all
    Scenario: The token has expired before a list
      Given an org that serves pages of 2
      And a client whose token the org no longer accepts
      When the client lists all users
      Then the org saw 2 token requests in all
      And the caller received everything that the org sent, each once

  Rule: The client knows when its token ends
    @LIFE-005 @req:RFC6749-5.1-expires_in @should @cap:clock.inject
    Scenario: An hour has passed
      Given a client that has a token
      And 61 minutes have passed
      When the client reads users
      Then the org saw the client replace the token before it ended
      And the caller received 6 users
