@management @users
Feature: Creating and changing users
  Most integrations exist to keep people in step. A person created in the wrong state cannot sign in, a profile that was
  replaced instead of changed has lost what others wrote there, and a login that is taken must reach whoever can choose
  another.

  Background:
    Given an org that the client may manage

  Rule: A new person is in the state that the request implies
    @USER-001 @req:OKTA-USERS-CREATE @must
    Scenario: A person with a password can sign in at once
      When the client creates the user "nora"
      Then the org answered the call with 200
      And the caller received the user "nora"
      And the caller learnt that "status" is "ACTIVE"

    @USER-002 @req:OKTA-USERS-CREATE @must
    Scenario: A person without a password has yet to choose one
      When the client creates the user "nora" without "credentials"
      Then the org answered the call with 200
      And the caller learnt that "status" is "PROVISIONED"

    @USER-003 @req:OKTA-USERS-CREATE @must
    Scenario: A person who comes later waits to be activated
      When the client creates the user "nora" for later
      Then the org answered the call with 200
      And the caller learnt that "status" is "STAGED"
      And the org has the user "nora" whose "activated" is "null"

    @USER-004 @req:OKTA-USERS-PASSWORD @must @control:USER-001 @negative
    Scenario: The password is shown to nobody
      When the client creates the user "nora"
      Then the org answered the call with 200
      And the caller learnt that "credentials.password" is "{}"

  Rule: What the org cannot take is refused with its cause
    @USER-005 @req:OKTA-USERS-UNIQUE-LOGIN @must @control:USER-001
    Scenario: The login is taken
      Given an administrator has created the user "nora"
      When the client creates the user "nora"
      Then the org refused the call with 400 E0000001: "Api validation failed: login" because "login: An object with this field already exists in the current organization"
      And the caller was told so
      And the org has 1 user named "nora"

    @USER-006 @req:OKTA-USERS-REQUIRED @must @control:USER-001
    Scenario Outline: A person without <attribute>
      When the client creates the user "nora" without "profile.<attribute>"
      Then the org refused the call with 400 E0000001: "Api validation failed: <attribute>" because "<attribute>: The field cannot be left blank"
      And the caller was told so

      Examples:
        | attribute |
        | login     |
        | email     |

    @USER-007 @req:OKTA-USERS-UNKNOWN-ATTRIBUTE @must @control:USER-001
    Scenario: An attribute that the schema does not have
      When the client creates the user "nora" whose "profile.shoeSize" is "forty"
      Then the org refused the call with 400 E0000001: "Api validation failed: newUser" because "Property name 'shoeSize' is not defined in profile"
      And the caller was told so
      And the org has no users named "nora"

  Rule: A change of one attribute leaves the others alone
    @USER-008 @req:OKTA-USERS-PARTIAL-UPDATE @must
    Scenario: The title changes and the department stays
      Given an administrator has created the user "nora" whose "profile.department" is "Sales"
      When the client changes the "profile.title" of the user "nora" to "Engineer"
      Then the org answered the call with 200
      And the caller learnt that "profile.title" is "Engineer"
      And the org has the user "nora" whose "profile.department" is "Sales"

    @USER-009 @req:OKTA-USERS-CLEAR @must
    Scenario: An attribute is cleared by null
      Given an administrator has created the user "nora" whose "profile.department" is "Sales"
      When the client changes the "profile.department" of the user "nora" to "null"
      Then the org answered the call with 200
      And the org has the user "nora" whose "profile.department" is "null"

    @USER-010 @req:OKTA-USERS-REPLACE @must
    Scenario: Replacing a person clears what the request does not say
      Given an administrator has created the user "nora" whose "profile.department" is "Sales"
      When the client replaces the user "nora"
      Then the org answered the call with 200
      And the org has the user "nora" whose "profile.department" is "null"

    @USER-011 @req:OKTA-USERS-UNIQUE-LOGIN @must @control:USER-008
    Scenario: A change to a login that is taken
      Given an administrator has created the user "nora"
      When the client changes the "profile.login" of the user "nora" to "member@example.com"
      Then the org refused the call with 400 E0000001: "Api validation failed: login" because "login: An object with this field already exists in the current organization"
      And the caller was told so
      And the org has the user "nora" whose "profile.login" is "nora@example.com"

    @USER-012 @req:OKTA-ONE-CALL @must
    Scenario: One person is created by one call
      When the client creates the user "nora"
      Then the org saw that call once
      And the org answered the call with 200
      And the org has 1 user named "nora"
