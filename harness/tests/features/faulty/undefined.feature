Feature: A feature file with faults
  @BAD-001 @req:OWN-R @must
  Scenario: A step that nobody has written
    Given an org
    When the client gets a token
    Then the org sends a postcard

  @BAD-001 @must @retry-after
  Scenario: An id that is taken and a reserved tag
    Given an org
    When the client gets a token
    Then the caller received what it asked for
