@token
Feature: Getting a token
  An integration gets its tokens from the org authorization server by client credentials. A token is good for an
  hour; one that is no longer accepted is replaced without troubling a person.

  Rule: The client gets a token of the org authorization server
    @TOK-001 @req:RFC6749-4.4 @must
    Scenario: The client gets a token
      Given an org
      When the client gets a token
      Then the org issued a token to the client
      And the org saw the client authenticate as the app that it was given
      And the caller learnt which scopes the token has

  Rule: A token that is no longer accepted is replaced
    @TOK-002 @req:OKTA-TOKEN-401 @must
    Scenario: The token has expired
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw the client ask for a new token and repeat the call
      And the caller received what it asked for
