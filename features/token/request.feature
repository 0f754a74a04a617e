@token
Feature: Asking for a token
  An integration gets its tokens from the org authorization server, by client credentials. Okta answers a request that
  is slightly off with an error that says little, and every installation at every customer fails with it.

  Background:
    Given an org

  Rule: The client gets a token of the org authorization server
    @TOK-001 @req:RFC6749-4.4 @must @real:read
    Scenario: The client gets a token
      When the client gets a token
      Then the org issued a token to the client
      And the org saw the client authenticate as the app that it was given
      And the caller learnt which scopes the token has

    @TOK-003 @req:OKTA-ORG-AUTHORIZATION-SERVER @must @real:read
    Scenario: Only the org authorization server mints tokens for the Management API
      When the client gets a token
      Then the org saw a form posted to the token endpoint of its own authorization server
      And the org answered with a Bearer token for an hour, in Okta's form

    @TOK-004 @req:OKTA-LEAST-PRIVILEGE @must @real:read
    Scenario: The client asks for the scopes that it was set up for, no more and no fewer
      Given the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org saw the client ask for "okta.users.read okta.groups.read"
      And the org issued a token for "okta.users.read okta.groups.read"

    @TOK-005 @req:OKTA-TOKEN-LIFETIME @must @real:read
    Scenario: The caller learns how long the token is good
      When the client gets a token
      Then the org issued a token to the client
      And the caller learnt that the token is good for about 3600 seconds

  Rule: The client says who it is
    @TOK-006 @req:OIN-USER-AGENT @should @real:read
    Scenario: Every request names the integration
      When the client reads users
      Then the org saw a User-Agent in every request
      And the caller received what it asked for
