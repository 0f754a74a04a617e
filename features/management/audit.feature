@management @logs
Feature: What was done is in the System Log
  Auditors ask who did what to whom. Each change leaves an event of a type that Okta's catalogue names, and a refused
  one leaves none.

  Background:
    Given an org that the client may manage

  Rule: A change leaves an event of its type
    @AUD-001 @req:OKTA-LOG-EVENTS @must
    Scenario: A person was created
      Given the client has created the user "nora"
      When the client reads the events of the type "user.lifecycle.create"
      Then the org answered the call with 200
      And the caller received 1 event
      And the caller learnt that "0.target.0.alternateId" is "nora@example.com"

    @AUD-002 @req:OKTA-LOG-EVENTS @must
    Scenario: A person was suspended
      Given an administrator has suspended the user "member"
      When the client reads the events of the type "user.lifecycle.suspend"
      Then the caller received 1 event
      And the caller learnt that "0.actor.alternateId" is "admin@example.com"
      And the caller learnt that "0.target.0.alternateId" is "member@example.com"

    @AUD-003 @req:OKTA-LOG-EVENTS @must
    Scenario: A person left
      Given an administrator has deactivated the user "member"
      When the client reads the events of the type "user.lifecycle.deactivate"
      Then the caller received 1 event
      And the caller learnt that "0.outcome.result" is "SUCCESS"

    @AUD-004 @req:OKTA-LOG-EVENTS @must
    Scenario: Somebody joined a group
      Given an administrator has added the user "visitor" to the group "Support"
      When the client reads the events of the type "group.user_membership.add"
      Then the caller received 1 event
      And the caller learnt that "0.target.0.alternateId" is "visitor@example.com"

    @AUD-005 @req:OKTA-LOG-EVENTS @must
    Scenario: A group was deleted
      Given an administrator has deleted the group "Sales"
      When the client reads the events of the type "group.lifecycle.delete"
      Then the caller received 1 event
      And the caller learnt that "0.target.0.displayName" is "Sales"

    @AUD-006 @req:OKTA-LOG-EVENTS @must
    Scenario: An app was switched off
      Given an administrator has created the app "Wiki"
      And an administrator has deactivated the app "Wiki"
      When the client reads the events of the type "application.lifecycle.deactivate"
      Then the caller received 1 event
      And the caller learnt that "0.target.0.displayName" is "Wiki"

    @AUD-007 @req:OKTA-LOG-EVENTS @must
    Scenario: Somebody became an administrator
      Given an administrator has assigned the role READ_ONLY_ADMIN to the user "member"
      When the client reads the events of the type "user.account.privilege.grant"
      Then the caller received 1 event

    @AUD-008 @req:OKTA-LOG-EVENTS @must @control:AUD-001 @negative
    Scenario: Nobody was suspended
      Given the client has created the user "nora"
      When the client reads the events of the type "user.lifecycle.suspend"
      Then the org answered the call with 200
      And the caller received 0 events

    @AUD-009 @req:OKTA-LOG-ORDER @must
    Scenario: The latest comes last
      Given the client has created the user "nora"
      And the client has suspended the user "nora"
      When the client reads events with the filter 'eventType sw "user.lifecycle" and target.alternateId eq "nora@example.com"'
      Then the org answered the call with 200
      And the caller learnt that "0.eventType" is "user.lifecycle.create"
