@bad-day @time
Feature: Time that jumps, stands and disagrees
  Laptops sleep, clocks are set, and two machines never agree. Tokens end by the org's clock, not by the client's.

  Background:
    Given an org that serves pages of 2

  Rule: Time passes for the org
    @TIME-001 @req:OKTA-TOKEN-RENEW @must @cap:clock.inject
    Scenario: An hour and more has passed
      Given a client that has a token
      And 61 minutes have passed
      When the client reads users
      Then the org saw 2 token requests in all
      And the caller received 2 users

    @TIME-002 @req:OKTA-CLOCK-SKEW @must @cap:auth.private_key_jwt @control:TIME-003
    Scenario: The org's clock is an hour on, the client's is not
      Given a client that has a token
      And 61 minutes have passed for the org alone
      When the client reads users
      Then the org refused the token request with 401 invalid_client: "The client_assertion token is expired."
      And the caller was told so

    @TIME-003 @req:OKTA-TOKEN-LIFE @must
    Scenario: Half an hour costs no token
      Given a client that has a token
      And 30 minutes have passed for the org alone
      When the client reads users
      Then the org saw 1 token request in all
      And the caller received 2 users

    @TIME-004 @req:OKTA-CLOCK-SKEW @must
    Scenario: The org's clock goes back a little
      Given a client that has a token
      And -2 minutes have passed for the org alone
      When the client reads users
      Then the org answered the call with 200
      And the caller received 2 users

  Rule: The org's clock can be set
    @TIME-005 @req:OKTA-CLOCK-DATE @must @cap:auth.ssws
    Scenario: Another year
      Given a client that holds the API token of the reader
      And the org's clock says "2031-02-03T04:05:06Z"
      When the client reads users
      Then the org dated its answers "03 Feb 2031 04:05"

    @TIME-006 @req:OKTA-CLOCK-SKEW @must @cap:auth.private_key_jwt @control:TIME-003
    Scenario: A client that lives in another year is refused
      Given the org's clock says "2031-02-03T04:05:06Z"
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client_assertion token is expired."
      And the caller was told so

  Rule: The org's clock can stand, and run again
    @TIME-007 @req:OKTA-CLOCK-FROZEN @must @cap:list_all
    Scenario: Nothing takes any time
      Given a client that has a token
      And the org's clock stands still
      When the client lists all users
      Then the org saw everything at one and the same moment
      And the caller received 6 users

    @TIME-008 @req:OKTA-CLOCK-FROZEN @must @cap:list_all
    Scenario: It runs again
      Given a client that has a token
      And the org's clock stands still
      And the org's clock runs again
      When the client lists all users
      Then the org saw time pass from one exchange to the next
      And the caller received 6 users

    @TIME-009 @req:OKTA-CLOCK-FROZEN @must @cap:auth.ssws
    Scenario: It stands at a moment of one's choice
      Given a client that holds the API token of the reader
      And the org's clock stands at "2027-03-04T05:06:07Z"
      When the client reads users
      Then the org dated its answers "04 Mar 2027 05:06:07 GMT"
      And the caller received 2 users

    @TIME-013 @req:OKTA-CLOCK-FROZEN @must @cap:auth.ssws
    Scenario: It stands at the last second of a year
      Given a client that holds the API token of the reader
      And the org's clock stands at "2027-12-31T23:59:59Z"
      When the client reads users
      Then the org dated its answers "31 Dec 2027 23:59:59 GMT"
      And the caller received 2 users

    @TIME-010 @req:OKTA-TOKEN-RENEW @must @cap:clock.inject
    Scenario: A clock that stands is moved
      Given the org's clock stands still
      And a client that has a token
      And 61 minutes have passed
      When the client reads users
      Then the org saw 2 token requests in all
      And the caller received 2 users

    @TIME-011 @req:OKTA-CLOCK-DATE @must
    Scenario: A reset brings real time back
      Given the org's clock stands at "2027-03-04T05:06:07Z"
      And the org was reset
      When the client reads users
      Then the caller received 2 users

  Rule: The date may be wrong while the time is right
    @TIME-012 @req:OKTA-CLOCK-SKEW @must
    Scenario Outline: The answer <what>
      Given the org's every answer about users <what>
      When the client reads users
      Then the org's date was 600 seconds <way> its own time
      And the caller received 2 users

      Examples:
        | what                       | way      |
        | is dated ten minutes ahead | ahead of |
        | is dated ten minutes back  | behind   |
