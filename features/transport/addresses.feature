@transport
Feature: Where requests go
  A client carries what opens a customer's org. It takes that to the address that the customer entered and to no other,
  whatever an answer, a proxy or a bad configuration says, and never in the clear.

  Rule: A redirect does not lead a client astray
    @TRANS-001 @req:OKTA-PAGINATION-ORIGIN @must
    Scenario: The org answers by itself
      Given an org
      When the client reads users
      Then the org answered the call with 200
      And the org saw everything that the client sent at the address that it was given

    @TRANS-002 @req:OKTA-PAGINATION-ORIGIN @must @control:TRANS-001
    Scenario: An answer sends the client to a stranger
      Given an org
      And the org's every answer about users is a redirect to a stranger
      When the client reads users
      Then the org saw everything that the client sent at the address that it was given
      And the caller was told that it failed

    @TRANS-003 @req:OKTA-PAGINATION-ORIGIN @must @control:TRANS-001
    Scenario: The token request is sent to a stranger
      Given an org
      And the org's every answer about tokens is a redirect to a stranger
      When the client gets a token
      Then the org saw everything that the client sent at the address that it was given
      And the caller was told that it failed

  Rule: TLS stays TLS
    @TRANS-004 @req:OIN-HTTPS @must
    Scenario: The client reads users by TLS
      Given an org that is reached by TLS
      When the client reads users
      Then the org saw everything that the client sent at the address that it was given
      And the caller received 6 users

    @TRANS-005 @req:OIN-HTTPS @must @cap:list_all @control:TRANS-004
    Scenario: The next page is at the same org without TLS
      Given an org that is reached by TLS and serves pages of 2
      And the org's first answer about users leads to the org without TLS
      When the client lists all users
      Then the org saw everything that the client sent at the address that it was given
      And the caller was not handed a part as if it were the whole

    @TRANS-006 @req:OIN-HTTPS @must @control:TRANS-004
    Scenario: An answer sends the client to the same org without TLS
      Given an org that is reached by TLS
      And the org's every answer about users is a redirect to the org without TLS
      When the client reads users
      Then the org saw everything that the client sent at the address that it was given
      And the caller was told that it failed

    @TRANS-007 @req:OIN-HTTPS @must @control:TRANS-004
    Scenario: The token request is sent to the same org without TLS
      Given an org that is reached by TLS
      And the org's every answer about tokens is a redirect to the org without TLS
      When the client gets a token
      Then the org saw everything that the client sent at the address that it was given
      And the caller was told that it failed
