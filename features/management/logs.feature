@management @logs
Feature: Reading the System Log
  Who watches an org reads its log: by polling, which never ends, or between two dates, which does. A reader that takes
  an empty page for the end of a poll goes blind, and one that waits for a next page of a closed window hangs.

  Background:
    Given an org
    And the app is granted "okta.logs.read"
    And the app has the admin role REPORT_ADMIN

  Rule: What happens is told
    @LOG-001 @req:OKTA-LOG-EVENTS @must
    Scenario: The token that the client got is in the log
      When the client reads the events of the type "app.oauth2.token.grant.access_token"
      Then the org answered the call with 200
      And the caller received 1 event

    @LOG-002 @req:OKTA-LOG-EVENTS @must
    Scenario: The client is the one who got it
      When the client reads events with the filter 'actor.type eq "PublicClientApp" and outcome.result eq "SUCCESS"'
      Then the org answered the call with 200
      And the caller received 1 event

    @LOG-003 @req:OKTA-LOG-EVENTS @must @control:LOG-001 @negative
    Scenario: Nothing is told of what did not happen
      When the client reads the events of the type "user.session.start"
      Then the org answered the call with 200
      And the caller received 0 events

  Rule: A poll has no end, a window has
    @LOG-004 @req:OKTA-LOG-POLLING @must
    Scenario: A poll goes on
      When the client reads logs
      Then the org linked the page to itself with a limit of 100, in a line of its own
      And the org linked the page to the next one
      And the caller received 1 event

    @LOG-005 @req:OKTA-LOG-POLLING @must @positive
    Scenario: An empty page of a poll goes on too
      When the client reads the events of the type "user.session.start"
      Then the org linked the page to the next one
      And the caller received 0 events

    @LOG-006 @req:OKTA-LOG-BOUNDED @must @control:LOG-004
    Scenario: The last page of a window is the last
      When the client reads events until "2100-01-01T00:00:00Z"
      Then the org answered the call with 200
      And the org linked the page to no next one

  Rule: What cannot be read is refused in words
    @LOG-007 @req:OKTA-LOG-FILTER @must @control:LOG-002
    Scenario: An operator that there is not
      When the client reads events with the filter 'display_message eqq 1'
      Then the org refused the call with 400 E0000053: "Invalid filter 'display_message eqq 1': Unrecognized attribute operator 'eqq' at position 16. Expected: eq,co,sw,pr,gt,ge,lt,le"
      And the caller was told so

    @LOG-008 @req:OKTA-LOG-DATES @must @control:LOG-004
    Scenario: A date that is none
      When the client reads events until "yesterday"
      Then the org refused the call with 400 E0000001: "Api validation failed: 'until': The date format in your query is not recognized. Please enter dates using ISO8601 string format."
      And the caller was told so

  Rule: Some admin roles read the log
    @LOG-009 @req:OKTA-LOG-ROLES @must
    Scenario Outline: The role <role> reads it
      Given the app has the admin role <role>
      When the client reads logs
      Then the org answered the call with 200
      And the caller received 1 event

      Examples:
        | role                        |
        | SUPER_ADMIN                 |
        | ORG_ADMIN                   |
        | APP_ADMIN                   |
        | READ_ONLY_ADMIN             |
        | API_ACCESS_MANAGEMENT_ADMIN |

    @LOG-010 @req:OKTA-LOG-ROLES @must @control:LOG-001
    Scenario Outline: The role <role> does not
      Given the app has the admin role <role>
      When the client reads logs
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

      Examples:
        | role            |
        | USER_ADMIN      |
        | HELP_DESK_ADMIN |
