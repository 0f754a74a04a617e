@bad-day @token
Feature: Tokens and keys on a bad day
  Administrators revoke tokens and rotate keys while integrations work, and the token endpoint has bad days too.

  Background:
    Given an org that serves pages of 2

  Rule: A token that is gone is replaced
    @TOKENDAY-001 @req:OKTA-TOKEN-RENEW @must
    Scenario: The token is revoked before the first call
      Given the org's first answer about users comes after the token was revoked
      When the client reads users
      Then the client met that once
      And the org saw the client ask for a new token and repeat the call
      And the caller received 2 users

    @TOKENDAY-002 @req:OKTA-TOKEN-RENEW @must @cap:list_all
    Scenario: The token is revoked in the middle of a list
      Given the org's second answer about users comes after the token was revoked
      When the client lists all users
      Then the client met that once
      And the org saw the client ask for a new token and repeat the call
      And the caller received 6 users

    @TOKENDAY-003 @req:OKTA-TOKEN-RENEW @must @control:TOKENDAY-001
    Scenario: Every token is revoked at once
      Given the org's every answer about users comes after the token was revoked
      When the client reads users
      Then the org saw a handful of attempts, and then none
      And the caller was told that it failed

    @TOKENDAY-004 @req:OKTA-API-TOKEN-REVOKED @must @cap:auth.ssws @control:TOKENDAY-001
    Scenario: An API token is revoked
      Given a client that holds the API token of the reader
      And the org's first answer about users comes after the token was revoked
      When the client reads users
      Then the org refused the call with 401 E0000011: "Invalid token provided"
      And the caller was told so

    @TOKENDAY-010 @req:OKTA-API-TOKEN-REVOKED @must @cap:auth.ssws @cap:list_all @control:TOKENDAY-002
    Scenario: An API token is revoked in the middle of a list
      Given a client that holds the API token of the reader
      And the org's second answer about users comes after the token was revoked
      When the client lists all users
      Then the org refused the call with 401 E0000011: "Invalid token provided"
      And the caller was told that it failed

  Rule: What was signed with the old key stays good
    @TOKENDAY-005 @req:OKTA-KEY-ROTATION @must
    Scenario: The signing key is replaced while a token is fetched
      Given the org's first answer about tokens comes after the signing key was replaced
      When the client reads users
      Then the client met that once
      And the caller received 2 users

    @TOKENDAY-006 @req:OKTA-KEY-ROTATION @must @cap:list_all
    Scenario: The signing key is replaced in the middle of a list
      Given the org's second answer about users comes after the signing key was replaced
      When the client lists all users
      Then the client met that once
      And the org saw 1 token request in all
      And the caller received 6 users

  Rule: The token endpoint has bad moments too
    @TOKENDAY-007 @req:OKTA-RETRY-UNAVAILABLE @must @cap:auth.private_key_jwt
    Scenario Outline: The answer about the token <what>
      Given the org's first answer about tokens <what>
      When the client reads users
      Then the client met that once
      And the org saw 2 token requests, each with an assertion of its own
      And the caller received 2 users

      Examples:
        | what                            |
        | is that the org is overloaded   |
        | is lost with its connection     |
        | is that the authorization server failed |

    @TOKENDAY-008 @req:OKTA-FORWARD-COMPATIBLE @must
    Scenario: The token comes with members that nobody documented
      Given the org's first answer about tokens has members that nobody documented
      When the client reads users
      Then the client met that once
      And the caller received 2 users

    @TOKENDAY-009 @req:OKTA-BODY-UNUSABLE @must @control:TOKENDAY-008
    Scenario: The token is broken JSON
      Given the org's every answer about tokens is broken JSON
      When the client reads users
      Then the caller was told that it failed
