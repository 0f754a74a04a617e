@management @search @errors
Feature: Searches that Okta does not take
  A search that is refused is not a search that found nobody. A client that hands on an empty list makes its caller
  create the person a second time.

  Background:
    Given an org that the client may manage

  Rule: What cannot be read is refused
    @WSRC-001 @req:OKTA-SEARCH-SYNTAX @must @control:SRCH-001
    Scenario Outline: A search with <why>
      When the client reads users found by search '<expression>'
      Then the org refused the call with 400 E0000031: "Invalid search criteria."
      And the caller was told so

      Examples:
        | expression                            | why                               |
        | profile.email eq                      | nothing to compare with           |
        | profile.email eq member@example.com   | a text without quotes             |
        | (profile.email pr                     | an open parenthesis               |
        | profile.email is "member@example.com" | a word that is no operator        |
        | shoeSize eq "forty"                   | an attribute that cannot be asked |

    @WSRC-002 @req:OKTA-SEARCH-OPERATORS @must @control:SRCH-001
    Scenario Outline: A search with an operator that <why>
      When the client reads users found by search '<expression>'
      Then the org refused the call with 400 E0000031: "Invalid search criteria."
      And the caller was told so

      Examples:
        | expression                            | why                         |
        | profile.email ne "member@example.com" | users do not know           |
        | status co "ACT"                       | the attribute does not take |

    @WSRC-003 @req:OKTA-SEARCH-AND-FILTER @must @control:SRCH-005
    Scenario: A search and a filter at once
      When the client reads users found by search 'profile.login pr' and by filter 'status eq "ACTIVE"'
      Then the org refused the call with 400 E0000033: "Bad request. Can't specify a search query and filter in the same request."
      And the caller was told so

    @WSRC-004 @req:OKTA-FILTER-SYNTAX @must @control:SRCH-005
    Scenario Outline: A filter with <why>
      When the client reads users found by filter '<expression>'
      Then the org refused the call with 400 E0000031: "Invalid search criteria."
      And the caller was told so

      Examples:
        | expression               | why                                |
        | profile.email eq         | nothing to compare with            |
        | profile.city eq "Berlin" | an attribute that it does not take |

  Rule: A refused search is not repeated
    @WSRC-005 @req:OKTA-ERRORS-NO-RETRY @must @control:SRCH-001
    Scenario: Asking again would not help
      When the client reads users found by search 'profile.email eq'
      Then the org saw that call once
      And the caller was told so
