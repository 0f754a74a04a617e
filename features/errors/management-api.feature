@errors
Feature: Errors of the Management API
  Okta reports an error as JSON with a code that is stable and words that are not. An integration that loses the code
  cannot tell its customer a typing error from a missing permission.

  Background:
    Given an org

  Rule: The caller learns the status and the code
    @ERR-001 @req:OKTA-ERRORS @must @real:read
    Scenario: A user that is there
      When the client reads the user "member"
      Then the org answered the call with 200
      And the org gave the answer a request id
      And the caller received exactly the users "member"

    @ERR-002 @req:OKTA-ERRORS @must
    Scenario: A user by their login
      When the client reads the user with the login "member@example.com"
      Then the org answered the call with 200
      And the caller received exactly the users "member"

    @ERR-003 @req:OKTA-ERRORS-NOT-FOUND @must @control:ERR-001 @real:read
    Scenario Outline: Something among the <kind> that is not there
      When the client reads the <kind> object "<id>"
      Then the org refused the call with 404 E0000007: "Not found: Resource not found: <id> (<type>)"
      And the caller was told so

      Examples:
        | kind   | id                   | type        |
        | users  | 00unobody00000000000 | User        |
        | groups | 00gnobody00000000000 | UserGroup   |
        | apps   | 0oanobody00000000000 | AppInstance |

    @ERR-004 @req:OKTA-ERRORS-METHOD @must @control:ERR-001 @wrong-request
    Scenario: A method that Okta does not offer there
      When the client deletes the whole list of users
      Then the org refused the call with 405 E0000022: "The endpoint does not support the provided HTTP method"
      And the caller was told so

    @ERR-005 @req:OKTA-ERRORS-PATH @must @control:ERR-001 @wrong-request @real:read
    Scenario: An address that Okta does not have
      When the client reads an address that Okta does not have
      Then the org refused the call with 405 E0000022: "The endpoint does not support the provided HTTP method"
      And the caller was told so

  Rule: What is refused for good is not asked again
    @ERR-006 @req:OKTA-ERRORS-NO-RETRY @must @control:ERR-001 @real:read
    Scenario: Something that is not there
      When the client reads the users object "00unobody00000000000"
      Then the org saw that call once
      And the org gave the answer a request id
      And the caller was told so
