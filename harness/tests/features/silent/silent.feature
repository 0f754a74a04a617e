Feature: An org that never answers
  @SILENT-001 @req:OWN-SILENCE @must
  Scenario: The org answers
    Given an org
    When the client reads users
    Then the caller received what it asked for

  @SILENT-002 @req:OWN-SILENCE @must @control:SILENT-001
  Scenario: The client gives up
    Given an org
    And the org's every answer about users comes too late for anybody
    When the client reads users
    Then the caller was told that it failed
