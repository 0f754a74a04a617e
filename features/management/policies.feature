@management @policies
Feature: Policies and their order
  Policies of a type are asked one after the other by priority, and the default comes last. Who adds one has to know
  where it went, and that the default stays.

  Background:
    Given an org that the client may manage

  Rule: A new policy comes before the default
    @POL-001 @req:OKTA-POLICIES @must
    Scenario: The first policy of one's own
      When the client creates the sign-on policy "Offices"
      Then the org answered the call with 200
      And the caller learnt that "priority" is "1"
      And the org has the sign-on policy "Default Policy" whose "priority" is "2"

    @POL-002 @req:OKTA-POLICIES @must
    Scenario: The second comes after the first
      Given an administrator has created the sign-on policy "Offices"
      When the client creates the sign-on policy "Travellers"
      Then the org answered the call with 200
      And the caller learnt that "priority" is "2"

    @POL-003 @req:OKTA-POLICIES @must
    Scenario: The default is one of them
      Given an administrator has created the sign-on policy "Offices"
      When the client reads policies
      Then the org answered the call with 200
      And the caller received exactly the policies "Offices, Default Policy"

    @POL-004 @req:OKTA-POLICIES @must
    Scenario: When one is deleted the others move up
      Given an administrator has created the sign-on policy "Offices"
      And an administrator has created the sign-on policy "Travellers"
      When the client deletes the sign-on policy "Offices"
      Then the org answered the call with 204
      And the org has the sign-on policy "Travellers" whose "priority" is "1"

    @POL-005 @req:OKTA-POLICIES-LIFECYCLE @must
    Scenario: A policy is switched off
      Given an administrator has created the sign-on policy "Offices"
      When the client deactivates the sign-on policy "Offices"
      Then the org answered the call with 204
      And the org has the sign-on policy "Offices" whose "status" is "INACTIVE"

  Rule: The default stays
    @POL-006 @req:OKTA-POLICIES-DEFAULT @must @control:POL-004
    Scenario: The default is deleted
      When the client deletes the sign-on policy "Default Policy"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

    @POL-007 @req:OKTA-POLICIES @must
    Scenario: The default has a rule that decides when no other does
      When the client reads the rules of the sign-on policy "Default Policy"
      Then the org answered the call with 200
      And the caller received 1 rule

    @POL-008 @req:OKTA-POLICIES @must
    Scenario: A new policy decides nothing yet
      Given an administrator has created the sign-on policy "Offices"
      When the client reads the rules of the sign-on policy "Offices"
      Then the org answered the call with 200
      And the caller received 0 rules

  Rule: What is no policy is refused
    @POL-009 @req:OKTA-POLICIES @must @control:POL-001 @wrong-request
    Scenario: A policy without a name
      When the client creates the sign-on policy "Offices" without "name"
      Then the org refused the call with 400 E0000001: "Api validation failed: name" because "name: The field cannot be left blank"
      And the caller was told so
