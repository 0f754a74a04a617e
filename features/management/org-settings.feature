@management @settings
Feature: Zones, origins, brands and other furniture
  Installers make small things around an app: the network it is called from, the origin of its pages, a hook. Each has a
  name that is unique, a state, and a life of its own.

  Background:
    Given an org that the client may manage

  Rule: What was made is there by its name
    @MSET-001 @req:OKTA-CREATE @must
    Scenario Outline: A new <thing>
      When the client creates the <thing> "Berlin"
      Then the org answered the call with <status>
      And the caller received the <thing> "Berlin"
      And the org has 1 <things> named "Berlin"

      Examples:
        | thing                | things                | status |
        | network zone         | network zones         | 200    |
        | trusted origin       | trusted origins       | 200    |
        | brand                | brands                | 201    |
        | user type            | user types            | 200    |
        | event hook           | event hooks           | 200    |
        | authorization server | authorization servers | 201    |
        | custom role          | custom roles          | 200    |
        | resource set         | resource sets         | 200    |

    @MSET-002 @req:OKTA-DELETE @must @positive
    Scenario Outline: A <thing> is deleted
      Given an administrator has created the <thing> "Berlin"
      When the client deletes the <thing> "Berlin"
      Then the org answered the call with 204
      And the caller received an answer without a body
      And the org has no <things> named "Berlin"

      Examples:
        | thing          | things          |
        | trusted origin | trusted origins |
        | brand          | brands          |
        | user type      | user types      |
        | custom role    | custom roles    |
        | resource set   | resource sets   |

  Rule: What is in use is switched off first
    @MSET-003 @req:OKTA-ZONES-LIFECYCLE @must
    Scenario: A network zone is switched off
      Given an administrator has created the network zone "Berlin"
      When the client deactivates the network zone "Berlin"
      Then the org answered the call with 200
      And the org has the network zone "Berlin" whose "status" is "INACTIVE"

    @MSET-004 @req:OKTA-ZONES-LIFECYCLE @must @positive
    Scenario: A network zone that is switched off is deleted
      Given an administrator has created the network zone "Berlin"
      And an administrator has deactivated the network zone "Berlin"
      When the client deletes the network zone "Berlin"
      Then the org answered the call with 204
      And the org has no network zones named "Berlin"

    @MSET-005 @req:OKTA-HOOKS-LIFECYCLE @must @positive
    Scenario: A hook that is switched off is deleted
      Given an administrator has created the event hook "Berlin"
      And an administrator has deactivated the event hook "Berlin"
      When the client deletes the event hook "Berlin"
      Then the org answered the call with 204
      And the org has no event hooks named "Berlin"

    @MSET-006 @req:OKTA-HOOKS-LIFECYCLE @must @control:MSET-005
    Scenario: A hook is deleted while it is active
      Given an administrator has created the event hook "Berlin"
      When the client deletes the event hook "Berlin"
      Then the org refused the call with 400 E0000001: "Api validation failed: status" because "status: The event hook must be deactivated before it can be deleted."
      And the caller was told so

  Rule: A name is taken once
    @MSET-007 @req:OKTA-UNIQUE-NAMES @must @control:MSET-001
    Scenario Outline: A second <thing> of the same name
      Given an administrator has created the <thing> "Berlin"
      When the client creates the <thing> "Berlin"
      Then the org refused the call with <code>: "<summary>"
      And the caller was told so
      And the org has 1 <things> named "Berlin"

      Examples:
        | thing        | things        | code         | summary                      |
        | brand        | brands        | 409 E0000202 | Brand name already exists.   |
        | user type    | user types    | 400 E0000001 | Api validation failed: name  |
        | custom role  | custom roles  | 400 E0000001 | Api validation failed: label |
        | resource set | resource sets | 400 E0000001 | Api validation failed: label |
