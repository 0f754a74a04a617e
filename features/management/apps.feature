@management @apps
Feature: Apps and who may use them
  An integration that sets up apps meets Okta's two rules: an app is deleted only after it was deactivated, and who is
  assigned twice is assigned once.

  Background:
    Given an org that the client may manage

  Rule: An app is deactivated before it is deleted
    @MAPP-001 @req:OKTA-APPS @must
    Scenario: A new app is active
      When the client creates the app "Wiki"
      Then the org answered the call with 200
      And the caller received the app "Wiki"
      And the caller learnt that "status" is "ACTIVE"

    @MAPP-002 @req:OKTA-APPS-LIFECYCLE @must
    Scenario: An app is switched off
      Given an administrator has created the app "Wiki"
      When the client deactivates the app "Wiki"
      Then the org answered the call with 200
      And the caller received an empty object
      And the org has the app "Wiki" whose "status" is "INACTIVE"

    @MAPP-003 @req:OKTA-APPS-DELETE @must @positive
    Scenario: An app that is switched off is deleted
      Given the client has created the app "Wiki"
      And the client has deactivated the app "Wiki"
      When the client deletes the app "Wiki"
      Then the org answered the call with 204
      And the org has no apps named "Wiki"

    @MAPP-004 @req:OKTA-APPS-DELETE @must @control:MAPP-003
    Scenario: An active app is deleted
      Given an administrator has created the app "Wiki"
      When the client deletes the app "Wiki"
      Then the org refused the call with 403 E0000056: "Delete application forbidden." because "The application must be deactivated before deletion."
      And the caller was told so
      And the org has 1 app named "Wiki"

    @MAPP-005 @req:OKTA-APPS-REQUIRED @must @control:MAPP-001 @wrong-request
    Scenario: An app without a label
      When the client creates the app "Wiki" without "label"
      Then the org refused the call with 400 E0000001: "Api validation failed: label"
      And the caller was told so

    @MAPP-006 @req:OKTA-APPS @must
    Scenario: An app gets another label
      Given an administrator has created the app "Wiki"
      When the client changes the "label" of the app "Wiki" to "Handbook"
      Then the org answered the call with 200
      And the org has 1 app named "Handbook"

  Rule: Who is assigned may use it
    @MAPP-007 @req:OKTA-APP-ASSIGNMENTS @must
    Scenario: A person is assigned
      Given an administrator has created the app "Wiki"
      When the client assigns the user "member" to the app "Wiki"
      Then the org answered the call with 200
      And the caller received the user "member"
      And the caller learnt that "scope" is "USER"

    @MAPP-008 @req:OKTA-APP-ASSIGNMENTS @must
    Scenario: The people of an app
      Given an administrator has created the app "Wiki"
      And an administrator has assigned the user "member" to the app "Wiki"
      And an administrator has assigned the user "visitor" to the app "Wiki"
      When the client reads the users of the app "Wiki"
      Then the org answered the call with 200
      And the caller received exactly the users "member, visitor"

    @MAPP-009 @req:OKTA-APP-ASSIGNMENTS @must
    Scenario: A group's members are the app's people
      Given an administrator has created the app "Wiki"
      And an administrator has assigned the group "Support" to the app "Wiki"
      When the client reads the users of the app "Wiki"
      Then the org answered the call with 200
      And the caller received exactly the users "helper, member"

    @MAPP-010 @req:OKTA-APP-ASSIGNMENTS @must
    Scenario: An app is taken away from a person
      Given an administrator has created the app "Wiki"
      And an administrator has assigned the user "member" to the app "Wiki"
      When the client takes the app "Wiki" away from the user "member"
      Then the org answered the call with 204
      And the caller received an answer without a body

    @MAPP-011 @req:OKTA-APP-ASSIGNMENTS @must @control:MAPP-008
    Scenario: An app that nobody uses has no people
      Given an administrator has created the app "Wiki"
      When the client reads the users of the app "Wiki"
      Then the org answered the call with 200
      And the caller received 0 users
