@bad-day @rate-limits
Feature: The buckets of an org
  Endpoints share buckets, and some requests are counted by whom they are about. An integration that watches one number
  for the whole org slows down where it need not, and runs into a 429 where it thinks that it has room.

  Rule: Each endpoint empties its own bucket
    @LIM-010 @req:OKTA-RATE-LIMIT-BUCKETS @must
    Scenario Outline: One call too many of <bucket>: <call>
      Given an org
      And an org that allows 1 calls of the bucket "<bucket>" per window
      And the client has made 1 call for "<call>"
      When the client makes a call for "<call>"
      Then the org answered 429 E0000047: "API call exceeded rate limit due to too many requests.", with the reset and without Retry-After
      And the org saw the client come again when the bucket had reset

      Examples:
        | bucket                        | call                                |
        | /api/v1/apps                  | apps                                |
        | /api/v1/apps                  | grants of an app                    |
        | /api/v1/apps/{id}             | one app                             |
        | /api/v1/apps/{id} write       | a change of an app                  |
        | /api/v1/groups                | groups                              |
        | /api/v1/groups                | group rules                         |
        | /api/v1/groups                | members of a group                  |
        | /api/v1/groups/{id}           | one group                           |
        | /api/v1/users                 | users                               |
        | /api/v1/users                 | groups of a user                    |
        | /api/v1/users/{idOrLogin}     | one user                            |
        | /api/v1/users/{id} write      | a change of a user                  |
        | /api/v1/users/me              | the own user                        |
        | /api/v1/logs                  | the log                             |
        | /api/v1/iam                   | custom roles                        |
        | /api/v1/principal-rate-limits | shares of limits                    |
        | /api/v1/agentPools            | agent pools                         |
        | /api/v1/api-tokens            | API tokens                          |
        | /api/v1/captchas              | captchas                            |
        | /api/v1/devices               | devices                             |
        | /api/v1/devices/{id}/users    | users of a device                   |
        | /api/v1/device-assurances     | device assurances                   |
        | /api/v1/domains               | domains                             |
        | /api/v1/domains create        | a new domain                        |
        | /api/v1/hook-keys             | hook keys                           |
        | /api/v1/identity-sources      | sessions of an identity source      |
        | /api/v1/logStreams            | log streams                         |
        | /api/v1/orgs                  | a new org                           |
        | /api/v1/push-providers        | push providers                      |
        | /api/v1/sessions              | a session                           |
        | /api/v1/authn                 | a sign-in without a password        |
        | factors verify                | a check of a factor                 |
        | /oauth2/v1/clients            | registered clients                  |
        | /oauth2/v1/authorize          | an authorization                    |
        | /oauth2/v1                    | an introspection                    |
        | /oauth2/{as}/v1/authorize     | an authorization of a custom server |
        | /oauth2/{as}/v1               | an introspection of a custom server    |
        | /api/v1                       | policies                            |
        | /api/v1                       | authorization servers               |
        | /api/v1                       | schemas                             |

    @LIM-011 @req:OKTA-RATE-LIMIT-BUCKETS @must
    Scenario: Captchas and the captcha of the org share a bucket
      Given an org
      And an org that allows 1 calls of the bucket "/api/v1/captchas" per window
      And the client has made 1 call for "captchas"
      When the client makes a call for "the captcha of the org"
      Then the org answered 429 E0000047: "API call exceeded rate limit due to too many requests.", with the reset and without Retry-After

    @LIM-012 @req:OKTA-RATE-LIMIT-BUCKETS @must
    Scenario: Reads and changes of an app do not share one
      Given an org
      And an org that allows 1 calls of the bucket "/api/v1/apps/{id}" per window
      And the client has made 1 call for "one app"
      When the client makes a call for "a change of an app"
      Then the org answered all 1 calls within the limit

  Rule: Some limits are about somebody
    @LIM-020 @req:OKTA-RATE-LIMIT-SPECIAL @must
    Scenario Outline: Too soon again: <limit>
      Given an org that the client may manage
      And an org that allows 1 calls of the bucket "<limit>" per window
      And the client has made 1 call for "<call>"
      When the client makes a call for "<call>"
      Then the org answered 429 <code>: "<words>", with the reset and without Retry-After
      And the org saw the client come again when the bucket had reset

      Examples:
        | limit            | call                       | code     | words                                                                         |
        | e-mail recipient | a password reset by e-mail | E0000047 | API call exceeded rate limit due to too many requests.                        |
        | sms phone        | an SMS to a phone          | E0000109 | An SMS message was recently sent. Please wait 30 seconds before trying again. |
        | voice phone      | a call of a phone          | E0000133 | A phone call was recently made. Please wait 30 seconds before trying again.   |
        | client-based     | an authorization           | E0000047 | API call exceeded rate limit due to too many requests.                        |

    @LIM-022 @req:OKTA-RATE-LIMIT-SPECIAL @must
    Scenario Outline: Too soon again for a factor: <limit>
      Given an org that the client may manage
      And the member has a factor that gets codes by e-mail
      And an org that allows 1 calls of the bucket "<limit>" per window
      And the client has made 1 call for "<call>"
      When the client makes a call for "<call>"
      Then the org answered 429 <code>: "<words>", with the reset and without Retry-After

      Examples:
        | limit            | call                       | code     | words                                                                         |
        | otp factor       | a wrong code               | E0000047 | API call exceeded rate limit due to too many requests.                        |
        | e-mail factor    | another code by e-mail     | E0000118 | An email was recently sent. Please wait 5 seconds before trying again.        |

    @LIM-023 @req:OKTA-RATE-LIMIT-SPECIAL @must @cap:grant.authorization_code @control:RATE-003
    Scenario: A user who is given too many tokens
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And a client whose token the org no longer accepts
      And an org that allows 0 calls of the bucket "token user" per window
      When the client reads users
      Then the org refused the token request with 429 invalid_grant: "API call exceeded rate limit due to too many requests."
      And the caller was told so

    @LIM-024 @req:OKTA-RATE-LIMIT-SPECIAL @must
    Scenario: The same name signs in too often
      Given an org that people sign in to
      And an org that allows 1 calls of the bucket "authn user name" per window
      And the client has made 1 call for "a good sign-in"
      When the client makes a call for "a good sign-in"
      Then the org answered 429 E0000047: "API call exceeded rate limit due to too many requests.", with the reset and without Retry-After
      And the org saw the client come again when the bucket had reset

    @LIM-021 @req:OKTA-RATE-LIMIT-SPECIAL @must
    Scenario: Browsers may be counted without being refused
      Given an org
      And an administrator has set the limits of browsers to PREVIEW
      And an org that allows 1 calls of the bucket "client-based" per window
      And the client has made 1 call for "an authorization"
      When the client makes a call for "an authorization"
      Then the org answered all 2 calls within the limit

  Rule: Authentication may burst
    @LIM-030 @req:OKTA-RATE-LIMIT-BURST @must
    Scenario: Five times the limit goes through
      Given an org
      And an org that allows 1 calls of the bucket "/oauth2/v1" per minute, and 5 times as many in a burst
      And the client has made 4 calls for "an introspection"
      When the client makes a call for "an introspection"
      Then the org answered all 5 calls within the limit

  Rule: A share is what an administrator gives
    @LIM-040 @req:OKTA-RATE-LIMIT-SHARE @must
    Scenario: A client with a tenth of the org's limits
      Given an org
      And an administrator has given the app 10 percent of the org's limits
      When the client reads users
      Then the org said that 59 of 60 calls were left and when the bucket resets

  Rule: Requests in flight are limited too
    @LIM-050 @req:OKTA-RATE-LIMIT-IN-FLIGHT @must @control:LIM-051
    Scenario: The org answers no more requests
      Given an org
      And an org that answers 0 requests at once
      When the client reads users
      Then the org answered that too many requests were in flight
      And the caller was told so

    @LIM-051 @req:OKTA-RATE-LIMIT-IN-FLIGHT @must
    Scenario: One request at once is no crowd
      Given an org
      And an org that answers 1 requests at once
      When the client reads users
      Then the org answered the call with 200
      And the caller received 6 users
