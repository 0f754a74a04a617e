@paging
Feature: How an org hands out its pages
  Page sizes differ from list to list and the two links come in two header lines, the page itself first. Clients that
  join, drop or sort header lines read the first page again and again, or only ever the first page.

  Background:
    Given an org

  Rule: Each list has its own size of page
    @LINK-001 @req:OKTA-PAGINATION-DEFAULTS @must @real:read
    Scenario Outline: The client names no size when it reads <kind>
      When the client reads <kind>
      Then the org answered the call with 200
      And the org linked the page to itself with a limit of <size>, in a line of its own

      Examples:
        | kind   | size  |
        | users  | 200   |
        | groups | 10000 |
        | apps   | 20    |

    @LINK-002 @req:OKTA-PAGINATION-DEFAULTS @must
    Scenario: The client asks for more than a page can hold
      When the client reads users, 500 a page
      Then the org answered the call with 200
      And the org linked the page to itself with a limit of 200, in a line of its own
      And the caller received 6 users

  Rule: A cursor is the org's own
    @LINK-003 @req:OKTA-PAGINATION-OPAQUE @must
    Scenario: The client reads apps from the beginning
      When the client reads apps
      Then the org answered the call with 200
      And the caller received 6 apps

    @LINK-004 @req:OKTA-PAGINATION-OPAQUE @must @control:LINK-003
    Scenario: The client reads apps from a place of its own making
      When the client reads apps from a place of its own making
      Then the org refused the call with 400 E0000029: "Invalid paging request." because "Invalid cursor."
      And the caller was told so

  Rule: The next page is the address that the org gave, whatever the list
    @LINK-006 @req:OKTA-PAGINATION-LINK @must @cap:list_all @real:read
    Scenario: The members of a group, one a page
      When the client lists all members of the group "Support", 1 a page
      Then the org saw every page asked for at the address it had handed out
      And the org saw "limit=1" in the address of every page
      And the caller received exactly the users "helper, member"

  Rule: Paths are taken as real clients write them
    @LINK-005 @req:OKTA-LENIENT-PATHS @must
    Scenario: A slash too many
      When the client reads users with a slash too many
      Then the org answered the call with 200
      And the caller received 2 users
