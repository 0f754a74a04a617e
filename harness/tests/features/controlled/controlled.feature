Feature: A negative scenario and its control
  @CTRL-001 @req:OWN-R @must
  Scenario: The client is alive
    Given an org
    When the client gets a token
    Then the org issued a token to the client

  @CTRL-002 @req:OWN-R @must @negative @control:CTRL-001
  Scenario: What a dead client would pass
    Given an org
    When the client gets a token
    Then the caller received what it asked for
