Feature: Not Gherkin
  Scenarioo: x
    Given an org
