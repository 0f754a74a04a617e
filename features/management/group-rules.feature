@management @groups @rules
Feature: Rules that put people into groups
  A rule assigns people by what their profile says, now and whenever it changes. Members that a rule put there come and
  go by the rule alone: an integration that adds and removes them by hand works against it.

  Background:
    Given an org that the client may manage

  Rule: A rule works when it is active
    @RULE-001 @req:OKTA-GROUP-RULES @must
    Scenario: A new rule waits
      When the client creates the group rule "Sellers"
      Then the org answered the call with 200
      And the caller learnt that "status" is "INACTIVE"

    @RULE-002 @req:OKTA-GROUP-RULES @must
    Scenario: Somebody fits an active rule
      Given an administrator has created the group rule "Sellers"
      And an administrator has activated the group rule "Sellers"
      When the client creates the user "nora" whose "profile.department" is "Sales"
      Then the org answered the call with 200
      And the org has exactly the users "nora, visitor" in the group "Sales"

    @RULE-003 @req:OKTA-GROUP-RULES @must
    Scenario: An inactive rule assigns only those who were there
      Given an administrator has created the group rule "Sellers"
      When the client creates the user "nora" whose "profile.department" is "Sales"
      Then the org answered the call with 200
      And the org has exactly the users "visitor" in the group "Sales"

    @RULE-004 @req:OKTA-GROUP-RULES @must
    Scenario: A rule that is activated finds who fits already
      Given an administrator has created the user "nora" whose "profile.department" is "Sales"
      And an administrator has created the group rule "Sellers"
      When the client activates the group rule "Sellers"
      Then the org answered the call with 204
      And the org has exactly the users "nora, visitor" in the group "Sales"

    @RULE-005 @req:OKTA-GROUP-RULES @must
    Scenario: Somebody changes the department
      Given an administrator has created the user "nora" whose "profile.department" is "Sales"
      And an administrator has created the group rule "Sellers"
      And an administrator has activated the group rule "Sellers"
      When the client changes the "profile.department" of the user "nora" to "Legal"
      Then the org answered the call with 200
      And the org has exactly the users "visitor" in the group "Sales"

  Rule: A rule is changed and deleted while it is inactive
    @RULE-006 @req:OKTA-GROUP-RULES @must @positive
    Scenario: An inactive rule is deleted
      Given an administrator has created the group rule "Sellers"
      When the client deletes the group rule "Sellers"
      Then the org answered the call with 202
      And the org has no group rules named "Sellers"

    @RULE-007 @req:OKTA-GROUP-RULES @must @control:RULE-001
    Scenario: An expression that cannot be read
      When the client creates the group rule "Sellers" whose "conditions.expression.value" is "user.department = Sales"
      Then the org refused the call with 400 E0000001: "Api validation failed: expression" because "expression: = is not expected"
      And the caller was told so

    @RULE-008 @req:OKTA-GROUP-RULES @must @control:RULE-006
    Scenario: An active rule is changed
      Given an administrator has created the group rule "Sellers"
      And an administrator has activated the group rule "Sellers"
      When the client changes the "name" of the group rule "Sellers" to "Vendors"
      Then the org refused the call with 400 E0000001: "Api validation failed: status"
      And the caller was told so
