@management @roles
Feature: Assigning admin roles
  Roles decide what principals reach: people, groups and apps. An integration that hands them out must know what each
  one adds, and that the same role is not assigned twice.

  Background:
    Given an org

  Rule: What an app may do grows with its role
    @AROL-001 @req:OKTA-ROLES @must
    Scenario Outline: An app with the role <role> reads <kind>
      Given the app has no admin role
      And an administrator has assigned the role <role> to the app
      When the client reads <kind>
      Then the org answered the call with 200
      And the caller received <number> <kind>

      Examples:
        | role            | kind   | number | why                             |
        | READ_ONLY_ADMIN | users  | 6      | reads everything                |
        | READ_ONLY_ADMIN | groups | 3      | reads everything                |
        | APP_ADMIN       | users  | 6      | sees whom it assigns            |
        | USER_ADMIN      | groups | 3      | manages groups                  |
        | REPORT_ADMIN    | users  | 0      | reads reports and the log alone |
        | REPORT_ADMIN    | apps   | 0      | reads reports and the log alone |

    @AROL-002 @req:OKTA-ROLES @must
    Scenario: A group administrator creates users
      Given the app is granted "okta.users.manage"
      And the app has no admin role
      And an administrator has assigned the role USER_ADMIN to the app
      When the client creates the user "nora"
      Then the org answered the call with 200
      And the caller received the user "nora"

    @AROL-003 @req:OKTA-ROLES @must @control:AROL-002
    Scenario: A read-only administrator creates none
      Given the app is granted "okta.users.manage"
      And the app has no admin role
      And an administrator has assigned the role READ_ONLY_ADMIN to the app
      When the client creates the user "nora"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so
      And the org has no users named "nora"

    @AROL-004 @req:OKTA-CUSTOM-ROLES @must
    Scenario: A custom role reaches what its resource set holds
      Given the app has no admin role
      And an administrator has created the custom role "Reader of a team"
      And an administrator has created the resource set "A team"
      And an administrator has assigned the custom role "Reader of a team" on the resource set "A team" to the app
      When the client reads users
      Then the org answered the call with 200
      And the caller received exactly the users "visitor"

  Rule: Roles of people and groups are lists
    @AROL-005 @req:OKTA-ROLES @must
    Scenario: A person becomes an administrator
      Given an org that the client may manage
      When the client assigns the role READ_ONLY_ADMIN to the user "member"
      Then the org answered the call with 201
      And the caller learnt that "type" is "READ_ONLY_ADMIN"
      And the caller learnt that "assignmentType" is "USER"

    @AROL-006 @req:OKTA-ROLES-DUPLICATE @must @control:AROL-005
    Scenario: A role is assigned twice
      Given an org that the client may manage
      And an administrator has assigned the role READ_ONLY_ADMIN to the user "member"
      When the client assigns the role READ_ONLY_ADMIN to the user "member"
      Then the org refused the call with 409 E0000263: "Attempted to assign a duplicate standard role assignment to an admin"
      And the caller was told so

    @AROL-007 @req:OKTA-EMPTY-LISTS @must
    Scenario: A person without roles
      Given an org that the client may manage
      When the client reads the roles of the user "member"
      Then the org answered the call with 200
      And the caller received 0 roles

    @AROL-008 @req:OKTA-ROLES-SSWS @must @cap:auth.ssws
    Scenario: A person's API token reaches what their new role does
      Given a client that holds the API token of the visitor
      And an administrator has assigned the role READ_ONLY_ADMIN to the user "visitor"
      When the client reads users
      Then the org answered the call with 200
      And the caller received 6 users

    @AROL-009 @req:OKTA-ROLES-GROUPS @must @cap:auth.ssws
    Scenario: A group's role is its members'
      Given a client that holds the API token of the visitor
      And an administrator has assigned the role READ_ONLY_ADMIN to the group "Sales"
      When the client reads users
      Then the org answered the call with 200
      And the caller received 6 users

  Rule: Only super administrators see and change roles
    @AROL-010 @req:OKTA-ROLES-SUPER @must @control:AROL-005
    Scenario: An organisation administrator assigns a role
      Given the app is granted "okta.roles.manage"
      And the app has the admin role ORG_ADMIN
      When the client assigns the role READ_ONLY_ADMIN to the user "member"
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so
