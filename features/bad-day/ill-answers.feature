@bad-day
Feature: Answers that are ill
  Servers restart, connections break and proxies meddle. An integration that takes the first bad answer for the truth
  shows its customer an empty list; one that gives up at once wakes somebody at night for nothing.

  Background:
    Given an org that serves pages of 2

  Rule: What is over in a moment is repeated
    @ILL-001 @req:OKTA-RETRY-UNAVAILABLE @must
    Scenario Outline: The org is not available: its answer <what>
      Given the org's first answer about users <what>
      When the client reads users
      Then the client met that once
      And the org saw the client repeat the call until it got through
      And the caller received 2 users

      Examples:
        | what                                            |
        | is that the org is overloaded                   |
        | is that a gateway finds nobody                  |
        | is that a gateway waited too long               |
        | is an internal error                            |
        | comes late, and is that the org is overloaded   |

    @ILL-002 @req:OKTA-RETRY-LOST @should
    Scenario Outline: A read is lost: its answer <what>
      Given the org's first answer about users <what>
      When the client reads users
      Then the org saw the client repeat the call until it got through
      And the caller received 2 users

      Examples:
        | what                         |
        | is lost with its connection  |
        | is lost, and nothing was done |
        | breaks off in the middle     |

    @ILL-003 @req:OKTA-RETRY-UNAVAILABLE @must @cap:list_all
    Scenario: The second page meets an overloaded org
      Given the org's second answer about users is that the org is overloaded
      When the client lists all users
      Then the client met that once
      And the caller received 6 users

    @ILL-004 @req:OKTA-RETRY-LOST @should @cap:list_all
    Scenario: The second page is lost with its connection
      Given the org's second answer about users is lost with its connection
      When the client lists all users
      Then the client met that once
      And the caller received 6 users

    @ILL-005 @req:OKTA-RETRY-UNAVAILABLE @must
    Scenario: The org recovers at the third attempt
      Given the org's first two answers about users is that the org is overloaded
      When the client reads users
      Then the client met that twice
      And the caller received 2 users

  Rule: Patience has an end, and the caller learns of it
    @ILL-006 @req:OKTA-RETRY-GIVE-UP @must @control:ILL-005
    Scenario Outline: It does not get better: every answer <what>
      Given the org's every answer about users <what>
      When the client reads users
      Then the org saw a handful of attempts, and then none
      And the caller was told that it failed

      Examples:
        | what                          |
        | is that the org is overloaded |
        | is an internal error          |
        | is lost with its connection   |
        | breaks off in the middle      |

    @ILL-007 @req:OKTA-RETRY-GIVE-UP @must @control:ILL-001
    Scenario: A refusal that waiting may mend is not hidden
      Given the org's every answer about users is that policies are being reconciled
      When the client reads users
      Then the org refused the call with 423 E0000239: "Policy priorities are being reconciled. Please try again later."
      And the caller was told so

    @ILL-008 @req:OKTA-RETRY-GIVE-UP @must @control:ILL-001
    Scenario: An internal error is told in the org's words
      Given the org's every answer about users is an internal error
      When the client reads users
      Then the org refused the call with 500 E0000009: "Internal Server Error"
      And the caller was told so

  Rule: A write whose answer is lost is not blindly repeated
    @ILL-009 @req:OKTA-RETRY-WRITES @must
    Scenario: The org was overloaded before it did anything
      Given an org that the client may manage
      And the org's first answer about groups is that the org is overloaded
      When the client creates the group "Engineers"
      Then the org saw the client repeat the call until it got through
      And the org has the group "Engineers" whose "profile.name" is "Engineers"

    @ILL-010 @req:OKTA-RETRY-WRITES @must @control:ILL-009
    Scenario: The group was made and the answer was lost
      Given an org that the client may manage
      And the org's first answer about groups is lost with its connection
      When the client creates the group "Engineers"
      Then the org saw 1 call of it
      And the caller was told that it failed

  Rule: What cannot be understood is no answer
    @ILL-011 @req:OKTA-BODY-UNUSABLE @must @control:ILL-013
    Scenario Outline: The answer <what>
      Given the org's every answer about users <what>
      When the client reads users
      Then the caller was told that it failed

      Examples:
        | what                   |
        | is broken JSON         |
        | is labelled as a web page |
        | is a web page          |

    @ILL-012 @req:OKTA-BODY-UNUSABLE @must @cap:list_all @control:PAGE-001
    Scenario Outline: In the middle of a list an answer <what>
      Given the org's second answer about users <what>
      When the client lists all users
      Then the client met that once
      And the caller was not handed a part as if it were the whole

      Examples:
        | what                               |
        | is broken JSON                     |
        | is a web page                      |
        | is an object that nobody asked for |

  Rule: What is unusual and right is taken
    @ILL-013 @req:OKTA-FORWARD-COMPATIBLE @must
    Scenario Outline: The answer <what>
      Given the org's every answer about users <what>
      When the client reads users
      Then the client met that once
      And the caller received 2 users

      Examples:
        | what                               |
        | has members that nobody documented |
        | has header lines of a proxy        |
        | lacks the rate-limit headers       |
        | comes late                         |
        | trickles in                        |
