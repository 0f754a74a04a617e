@roles @profile:api-token
Feature: API tokens carry their owner's permissions
  Older integrations hold an API token instead of an app. It can do what its owner can do, on the day of the call: when
  the owner loses a role or leaves, the integration changes its behaviour, and the token does not say why.

  Background:
    Given an org

  Rule: The token is sent by its own scheme and acts as its owner
    @SSWS-001 @req:OKTA-SSWS @must @cap:auth.ssws @cap:list_all
    Scenario: The token of a super administrator reads everybody
      Given a client that holds the API token of the admin
      When the client lists all users
      Then the org saw the API token in every call, and OAuth in none
      And the caller received 6 users

    @SSWS-002 @req:OKTA-SSWS-OWNER @must @cap:auth.ssws
    Scenario: The token's own user is its owner
      Given a client that holds the API token of the visitor
      When the client reads its own user
      Then the org answered the call with 200
      And the caller received exactly the users "visitor"

    @SSWS-003 @req:OKTA-SSWS-OWNER @must @cap:auth.ssws
    Scenario Outline: What the token of <owner> reaches
      Given a client that holds the API token of the <owner>
      When the client reads users
      Then the org answered the call with 200
      And the caller received <number> users

      Examples:
        | owner    | number | why                                   |
        | reader   | 6      | a read-only administrator             |
        | helper   | 2      | help desk administrator of one group  |
        | reporter | 0      | a report administrator reads no users |
        | visitor  | 0      | no admin role                         |

    @SSWS-004 @req:OKTA-SSWS-OWNER @must @cap:auth.ssws @control:SSWS-003
    Scenario: The token of a read-only administrator creates a user
      Given a client that holds the API token of the reader
      When the client creates a user
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

  Rule: A token that is no longer good is reported, not retried
    @SSWS-005 @req:OKTA-SSWS-INVALID @must @cap:auth.ssws @control:SSWS-003
    Scenario: The token was revoked
      Given a client that holds the API token of the admin
      And that token was revoked
      When the client reads users
      Then the org refused the call with 401 E0000011: "Invalid token provided"
      And the org saw that call once
      And the caller was told so

    @SSWS-006 @req:OKTA-SSWS-INVALID @must @cap:auth.ssws @control:SSWS-003
    Scenario: The token's owner is suspended
      Given a client that holds the API token of the reader
      And the owner of that token is suspended
      When the client reads users
      Then the org refused the call with 401 E0000011: "Invalid token provided"
      And the caller was told so
