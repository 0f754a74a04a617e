@pitfalls
Feature: Pitfalls: everything is answered with 200 and data are missing
  The costliest failures are the quiet ones: nobody gets an error, and a synchronisation takes away the access of people
  who are still there. Each of these answers is right, and means something else than it seems to.

  Background:
    Given an org that serves pages of 2

  Rule: An empty list may be the want of a role
    @PIT-102 @req:OKTA-ROLES-AT-ONCE @must
    Scenario: Cured: an administrator gave the app a role
      Given the app has no admin role
      And a client that has a token
      And an administrator has assigned the role READ_ONLY_ADMIN to the app
      When the client reads users
      Then the org answered the call with 200
      And the org linked the page to the next one
      And the caller received 2 users

    @PIT-002 @req:OKTA-EMPTY-WITHOUT-ROLE @must @control:PIT-102 @negative
    Scenario: 200 and an empty list, in an org that has users
      Symptom: `[]` from `/api/v1/users`, with a token that has `okta.users.read`.
      Cause: The service app has scopes and no admin role, so it sees nobody. Other operations answer the same app with
      403 E0000006, which at least says so.
      Cure: Assign an admin role on the app's tab "Admin roles"; "Read-only Administrator" is enough to read. At connection
      time read one user, and when there is none ask about the role: every org has an administrator.
      Seen: Okta's support; firezone/firezone#11726; a lab note of June 2026. Some orgs answer 403 (ratelimit-oin-facts F2)
      Try: curl -s -i -H 'Authorization: SSWS 00devUserToken000000000000000000000000000A' $ORG/api/v1/users

      Given the app has no admin role
      When the client reads users
      Then the org answered the call with 200
      And the org linked the page to no next one
      And the caller received 0 users

  Rule: A list is as long as its links say
    @PIT-130 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: Cured: the client goes on to the last page
      When the client lists all users
      Then the org saw every page asked for at the address it had handed out
      And the org saw 3 page requests
      And the caller received 6 users

    @PIT-030 @req:OKTA-PAGINATION-END @must @cap:list_all @control:PIT-130 @negative
    Scenario: Exactly 200 users arrive, or 20 apps, and there are more
      Symptom: `rel="next"` in the header of an answer that the client takes for the whole list.
      Cause: One answer is one page: of 200 users, 10,000 groups or 20 apps unless the client names a size. Nothing in the
      body says that there are more.
      Cure: Follow the `Link` header with `rel="next"` until an answer has none.
      Seen: Azure/Azure-Sentinel#957 (ratelimit-oin-facts F30)
      Try: curl -s -i -H 'Authorization: SSWS 00devReadOnlyToken00000000000000000000000A' $ORG/api/v1/users

      When the client reads users
      Then the org linked the page to the next one
      And the caller received 2 users

    @PIT-027 @req:OKTA-PAGINATION-LINK @must @cap:list_all
    Scenario: There is no rel="next" in the Link header
      Symptom: `rel="self"` is all that the client finds in `Link`, so it stops after the first page or reads it for ever.
      Cause: Okta sends two `Link` lines, the page itself first. Whatever keeps one value a name drops the second: a plain
      dict of headers in Python, curl's `%header{link}`, many a test double.
      Cure: Ask the HTTP library for all values of the header, and split lines in which a proxy has joined them by commas.
      Seen: 40 recorded answers; notes on a live org that took it for a fault of Okta (ratelimit-oin-facts F27)
      Try: curl -s -i -H 'Authorization: SSWS 00devReadOnlyToken00000000000000000000000A' "$ORG/api/v1/users?limit=2"

      When the client lists all users
      Then the org saw every page asked for at the address it had handed out
      And the caller received 6 users

    @PIT-028 @req:OKTA-PAGINATION-OPAQUE @must @control:LINK-003
    Scenario: "Invalid cursor."
      Symptom: `400` with the code E0000029 or E0000031 when a synchronisation goes on where it stopped; at some lists
      nothing at all, and entries are left out.
      Cause: The client makes its own `after`: from the last id, a number of the page, or a cursor that it kept since
      yesterday. Cursors have another form at each list, and some lists take anything that looks like an id.
      Cure: Take the whole address of `rel="next"` as it is, within one run. Remember times (`lastUpdated`, `published`)
      between runs, not cursors.
      Seen: a live org in September 2026; NangoHQ/integration-templates#576 (ratelimit-oin-facts F28)
      Try: curl -s -H 'Authorization: SSWS 00devReadOnlyToken00000000000000000000000A' "$ORG/api/v1/apps?after=yesterday"

      When the client reads apps from a place of its own making
      Then the org refused the call with 400 E0000029: "Invalid paging request." because "Invalid cursor."
      And the caller was told so

    @PIT-031 @req:OKTA-PAGINATION-ORIGIN @must @cap:list_all @control:ASTRAY-003 @negative
    Scenario: The next page is on another host
      Symptom: `rel="next"` names a host that is not the one that was called; the client follows it, token and all.
      Cause: A proxy, a custom domain or a test double rewrites addresses, and the client calls what it is given.
      Cure: Compare scheme, host and port of the link with the org's own. When they differ, stop with an error that names
      both, and send no token there.
      Seen: guards in speakeasy-api/gram and in a module that was tried on a live org (ratelimit-oin-facts F31)

      Given the org's first answer about users leads to a stranger
      When the client lists all users
      Then the org saw the client stay with the address that it was given
      And the caller was not handed a part as if it were the whole

  Rule: The System Log has no last page
    @PIT-129 @req:OKTA-LOG-BOUNDED @must @positive
    Scenario: Cured: the client says until when it reads
      Given an org that the client may manage, in pages of 2
      When the client reads events until "2100-01-01T00:00:00Z"
      Then the org answered the call with 200
      And the org linked the page to no next one

    @PIT-029 @req:OKTA-LOG-POLLING @must @control:PIT-129 @negative
    Scenario: The System Log pages for ever
      Symptom: `rel="next"` comes with every page of `/api/v1/logs`, with the empty ones too.
      Cause: A query without `until` is a poll: its next link leads to what will happen. A loop that ends when there is no
      link never ends, and uses up the log's small limit.
      Cure: To read a window, send `since` and `until`: its last page has no next link. To follow the log, stop at an empty
      page, keep the link, and go on with it at the next poll.
      Seen: airbytehq/airbyte#4447, okta/okta-sdk-golang#397, elastic/integrations#15212, Azure/Azure-Sentinel#14984 (ratelimit-oin-facts F29)
      Try: curl -s -i -H 'Authorization: SSWS 00devReadOnlyToken00000000000000000000000A' "$ORG/api/v1/logs?since=2100-01-01T00:00:00Z"

      Given an org that the client may manage, in pages of 2
      When the client reads the events of the type "user.session.start"
      Then the org linked the page to the next one
      And the caller received 0 events

  Rule: Searches lag behind writes
    @PIT-135 @req:OIN-READ-AFTER-WRITE @must
    Scenario: Cured: the client reads by the id that the write brought
      Given an org that the client may manage
      And searches lag behind writes by 60 seconds
      And the client has created the user "nora"
      When the client reads the user "nora"
      Then the org answered the call with 200
      And the caller received the user "nora"

    @PIT-035 @req:OIN-READ-AFTER-WRITE @must @control:PIT-135 @negative
    Scenario: A search does not find what was written a moment ago
      Symptom: `[]` for a user or a member who was made a second ago; the next run finds them, and makes another one perhaps.
      Cause: Searches and lists of members read a copy that lags behind by a second, at times by more.
      Cure: Use the answer of the write, or read by the id that it brought. Do not decide by a search whether to write again.
      Seen: a live org in September 2026 (ratelimit-oin-facts F35)

      Given an org that the client may manage
      And searches lag behind writes by 60 seconds
      And the client has created the user "nora"
      When the client reads users found by search 'profile.login eq "nora@example.com"'
      Then the org answered the call with 200
      And the caller received 0 users
