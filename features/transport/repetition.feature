@transport
Feature: Requests that are repeated
  A loop without a pause takes the limits of the whole org for itself, and every other integration of the customer stands
  still with it.

  Rule: The same request does not come in a hail
    @TRANS-010 @req:OKTA-NO-STORM @must @control:TRANS-001
    Scenario: The org is overloaded for good
      Given an org
      And the org's clock stands still
      And the org's every answer about users is that the org is overloaded
      When the client reads users
      Then the org saw a handful of attempts, and then none
      And the caller was told that it failed
