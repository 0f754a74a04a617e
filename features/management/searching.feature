@management @search
Feature: Asking for some users only
  A search saves reading a whole org, when it says what was meant. Okta checks the expression strictly: an attribute
  that may not be searched, an operator that the attribute does not take, and a wrong quote are refused, and a client
  that loses its query reads everybody.

  Background:
    Given an org that the client may manage

  Rule: The caller gets who was asked for, and nobody else
    @SRCH-001 @req:OKTA-SEARCH @must
    Scenario Outline: Search by <why>
      When the client reads users found by search '<expression>'
      Then the org answered the call with 200
      And the caller received exactly the users "<found>"

      Examples:
        | expression                                                                               | found            | why                         |
        | profile.email eq "member@example.com"                                                    | member           | an address                  |
        | profile.email eq "MEMBER@example.com"                                                    | member           | an address in another case  |
        | profile.login sw "re"                                                                    | reader, reporter | the beginning of a login    |
        | profile.firstName co "mem"                                                               | member           | a part of a name            |
        | profile.firstName eq "helper" or profile.firstName eq "visitor"                          | helper, visitor  | one of two names            |
        | status eq "ACTIVE" and profile.login sw "v"                                              | visitor          | state and login             |
        | (profile.firstName eq "admin" or profile.firstName eq "helper") and profile.login sw "h" | helper           | parentheses                 |
        | profile.email eq "member+test@example.com"                                               |                  | an address with a plus sign |

    @SRCH-002 @req:OKTA-SEARCH @must
    Scenario: A plus sign in an address stays one
      Given an administrator has created the user "nora" whose "profile.email" is "nora+test@example.com"
      When the client reads users found by search 'profile.email eq "nora+test@example.com"'
      Then the org answered the call with 200
      And the caller received exactly the users "nora"

    @SRCH-003 @req:OKTA-SEARCH-EMPTY @must
    Scenario: Finding nobody is an answer
      When the client reads users found by search 'profile.email eq "ghost@example.com"'
      Then the org answered the call with 200
      And the caller received 0 users

    @SRCH-004 @req:OKTA-SEARCH @must
    Scenario: A person is found as soon as they are there
      Given the client has created the user "nora"
      When the client reads users found by search 'profile.login eq "nora@example.com"'
      Then the org answered the call with 200
      And the caller received exactly the users "nora"

    @SRCH-005 @req:OKTA-FILTER @must
    Scenario: A filter distinguishes case
      When the client reads users found by filter 'profile.email eq "member@example.com"'
      Then the org answered the call with 200
      And the caller received exactly the users "member"

    @SRCH-006 @req:OKTA-FILTER @must @control:SRCH-005 @negative
    Scenario: A filter in another case finds nobody
      When the client reads users found by filter 'profile.email eq "MEMBER@example.com"'
      Then the org answered the call with 200
      And the caller received 0 users

    @SRCH-007 @req:OKTA-Q @must
    Scenario: The beginning of a name or an address
      When the client reads users found by q "re"
      Then the org answered the call with 200
      And the caller received exactly the users "reader, reporter"

    @SRCH-008 @req:OKTA-SEARCH-SORT @must @cap:list_all
    Scenario Outline: People in <order> order
      When the client lists all users found by search 'profile.login pr', in <order> order of "profile.login"
      Then the org answered the call with 200
      And the caller received the users "<people>" in this order

      Examples:
        | order      | people                                           |
        | ascending  | admin, helper, member, reader, reporter, visitor |
        | descending | visitor, reporter, reader, member, helper, admin |

  Rule: A search goes on over its pages
    @SRCH-009 @req:OKTA-SEARCH-PAGES @must @cap:list_all
    Scenario: Everybody who was found, page by page
      Given an org that the client may manage, in pages of 2
      When the client lists all users found by search 'profile.login sw "re" or profile.login sw "me" or profile.login sw "vi"'
      Then the org saw every page asked for at the address it had handed out
      And the org saw 2 page requests
      And the caller received exactly the users "reader, reporter, member, visitor"
