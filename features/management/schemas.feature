@management @schemas
Feature: Attributes of one's own
  Customers add attributes to the profile of users, and integrations write them. What the schema does not have is
  refused, and what it has is in every profile from then on.

  Background:
    Given an org that the client may manage

  Rule: An attribute exists when the schema has it
    @SCHM-001 @req:OKTA-SCHEMAS @must
    Scenario: The client adds an attribute
      When the client adds the attribute "badgeColor" to the profile of users
      Then the org answered the call with 200
      And the caller learnt that "definitions.custom.properties.badgeColor.type" is "string"

    @SCHM-002 @req:OKTA-SCHEMAS @must
    Scenario: A person has the attribute
      Given an administrator has added the attribute "badgeColor" to the profile of users
      When the client creates the user "nora" whose "profile.badgeColor" is "teal"
      Then the org answered the call with 200
      And the caller learnt that "profile.badgeColor" is "teal"

    @SCHM-003 @req:OKTA-SCHEMAS @must @control:SCHM-002
    Scenario: The attribute is not there yet
      When the client creates the user "nora" whose "profile.badgeColor" is "teal"
      Then the org refused the call with 400 E0000001: "Api validation failed: newUser" because "Property name 'badgeColor' is not defined in profile"
      And the caller was told so

    @SCHM-005 @req:OKTA-SCHEMAS-SEARCH @must
    Scenario: People are found by it
      Given an administrator has added the attribute "badgeColor" to the profile of users
      And an administrator has created the user "nora" whose "profile.badgeColor" is "teal"
      When the client reads users found by search 'profile.badgeColor eq "teal"'
      Then the org answered the call with 200
      And the caller received exactly the users "nora"

    @SCHM-006 @req:OKTA-SCHEMAS @must
    Scenario: The schema tells what can be written
      Given an administrator has added the attribute "badgeColor" to the profile of users
      When the client reads the schema of users
      Then the org answered the call with 200
      And the caller learnt that "definitions.custom.properties.badgeColor.maxLength" is "20"
      And the caller learnt that "definitions.base.properties.login.required" is "true"
