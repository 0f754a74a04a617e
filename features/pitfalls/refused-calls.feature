@pitfalls
Feature: Pitfalls: the token is there and the call is refused
  A scope says what a token may be used for, the admin role of the app says on whom, and the two are refused in different
  forms: one with an empty body, the other in JSON. What a client makes of it decides what its user sees.

  Background:
    Given an org

  Rule: Scope and admin role are both needed
    @PIT-103 @req:OKTA-ROLES @must
    Scenario: Cured: the app has a role that may write
      Given the app is granted "okta.users.manage"
      And the app has no admin role
      And an administrator has assigned the role USER_ADMIN to the app
      When the client creates the user "nora"
      Then the org answered the call with 200
      And the caller received the user "nora"

    @PIT-003 @req:OKTA-ROLE-BEFORE-BODY @must @control:PIT-103
    Scenario: "You do not have permission to perform the requested action"
      Symptom: `403 E0000006` for a write, although the token has the `manage` scope.
      Cause: The scope is there and the admin role of the app is too small: a read-only administrator reads and nothing else,
      and roles, admins and resource sets are shown to super administrators alone. The role is asked before the body
      is looked at, so the same words come for a body that is wrong.
      Cure: Assign a role that may do it (for users: a group or organisation administrator, or a custom role with the
      permission), on the app's tab "Admin roles". It counts at once, for tokens that are out as well.
      Seen: a live org in September 2026 (ratelimit-oin-facts F3)
      Try: curl -s -H 'Authorization: SSWS 00devReadOnlyToken00000000000000000000000A' -H 'Content-Type: application/json' -d '{"profile":{"name":"New"}}' $ORG/api/v1/groups

      Given the app is granted "okta.users.manage"
      And the app has the admin role READ_ONLY_ADMIN
      When the client creates a user
      Then the org refused the call with 403 E0000006: "You do not have permission to perform the requested action"
      And the caller was told so

  Rule: A missing scope is told in a header
    @PIT-018 @req:OKTA-SILENT-DOWNSCOPING @must
    Scenario: The token has fewer scopes than were asked for
      Symptom: `200` at the token endpoint, and hours later `403` at a call whose scope the client had asked for.
      Cause: Scopes that were not granted to the app vanish from the token without a word, as long as one is left.
      Cure: Compare `scope` of the answer with what was asked for, and say at connection time which ones are missing.
      Seen: a live org on 22 September 2026; speakeasy-api/gram#6502; older texts claim an error (ratelimit-oin-facts F18)
      Try: curl -s -i -u $OIN -d grant_type=client_credentials -d scope='okta.users.read okta.apps.read' $ORG/oauth2/v1/token

      Given the app is granted "okta.users.read"
      And the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @PIT-020 @req:OKTA-INSUFFICIENT-SCOPE @must @control:MIS-001
    Scenario: "The access token provided does not contain the required scopes."
      Symptom: `403` with an empty body, and `insufficient_scope` in a header; a client that parses the body says "Unexpected end of JSON input" or the like.
      Cause: The token lacks the scope of the operation. The reason stands in the header `WWW-Authenticate`, which names the
      scope, and nowhere else.
      Cure: Read `error` and `scope` out of `WWW-Authenticate` when the body is empty, and tell the user to grant that
      scope. A token that is out does not get it: ask for a new one afterwards.
      Seen: an article of Okta's support (ratelimit-oin-facts F20)
      Try: curl -s -i -H "Authorization: Bearer $(curl -s -u $OIN -d grant_type=client_credentials -d scope=okta.users.read $ORG/oauth2/v1/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')" $ORG/api/v1/groups

      Given the client asks for "okta.users.read"
      When the client reads groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

    @PIT-038 @req:OKTA-INSUFFICIENT-SCOPE @must @cap:list_all @control:PAGE-002
    Scenario: The report says 0, and the org has hundreds
      Symptom: `403` in the log of the org, and an empty list or a count of 0 on the user's screen.
      Cause: The client catches the refusal of one list and goes on with nothing, as if there were nothing.
      Cure: A list that was refused is unknown, not empty. Hand on the refusal, and remove nobody's access because of it.
      Seen: notes on a live org, September 2026 (ratelimit-oin-facts F38)

      Given the client asks for "okta.users.read"
      When the client lists all groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

  Rule: An API token lives as long as its owner's job
    @PIT-034 @req:OKTA-SSWS-INVALID @must @profile:api-token @cap:auth.ssws @control:SSWS-003
    Scenario: "Invalid token provided"
      Symptom: `401 E0000011` from one day to the next, with a token that was never touched.
      Cause: An API token (`SSWS`) is its owner's: it ends when the owner is suspended or leaves, when it is revoked, and
      when nobody used it for 30 days. The same words come for an access token behind `SSWS`.
      Cure: Use an account that belongs to no person, or better a service app. Say "the API token is no longer accepted"
      and stop: asking again does not help. Access tokens are sent as `Bearer`.
      Seen: Okta, overview of API service integrations; okta/okta-sdk-nodejs#427, okta/okta-sdk-java#669 (ratelimit-oin-facts F14, F34)
      Try: curl -s -H 'Authorization: SSWS 00notATokenOfThisOrg0000000000000000000000' $ORG/api/v1/users

      Given a client that holds the API token of the reader
      And the owner of that token is suspended
      When the client reads users
      Then the org refused the call with 401 E0000011: "Invalid token provided"
      And the caller was told so
