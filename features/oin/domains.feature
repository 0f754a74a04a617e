@oin @domains
Feature: The domain that a customer enters
  A customer types what their browser shows: with a scheme, with a slash at its end, with the host of the admin console.
  And not every org is below okta.com: previews, other regions and domains of the customer's own are none the less orgs.
  The client comes through a proxy, so that the names lead to the org of the scenario.

  Background:
    Given an org

  Rule: What was entered becomes the address of the org
    @DOM-001 @req:OIN-DOMAINS @must @cap:domain
    Scenario Outline: The customer enters <entered>
      Given the customer enters the domain "<entered>"
      When the client reads users
      Then the org saw everything that the client sent at the address that it was given
      And the org saw every path with single slashes
      And the caller received 6 users

      Examples:
        | entered                |
        | acme.okta.com          |
        | https://acme.okta.com  |
        | https://acme.okta.com/ |

  Rule: An org may have any domain
    @DOM-002 @req:OIN-DOMAINS @must @cap:domain
    Scenario Outline: The org is at <domain>
      Given the customer enters the domain "<domain>"
      When the client reads users
      Then the org saw everything that the client sent at the address that it was given
      And the caller received 6 users

      Examples:
        | domain                |
        | acme.oktapreview.com  |
        | acme.okta-emea.com    |
        | id.customer.example   |

  Rule: The admin console is not the org
    @DOM-003 @req:OIN-DOMAINS @must @cap:domain @control:DOM-001
    Scenario Outline: The customer enters <entered>
      Given the customer enters the domain "<entered>"
      When the client gets a token
      Then the org saw no request of the client
      And the caller was told that -admin is not the org

      Examples:
        | entered                              |
        | acme-admin.okta.com                  |
        | https://acme-admin.oktapreview.com/  |
