@pitfalls @rate-limits
Feature: Pitfalls: too many requests
  Okta answers 429 without the header that other services send, counts in windows of a minute, and gives each client half
  of what the org has. A client that guesses waits too little, and makes it worse for everybody in the org.

  Background:
    Given an org that serves pages of 2

  Rule: The org says when to come again
    @PIT-024 @req:OKTA-RATE-LIMIT-RESET @must
    Scenario: "API call exceeded rate limit due to too many requests."
      Symptom: `429 E0000047`, and again after each retry of one, two and four seconds.
      Cause: The bucket is empty until its minute is over. There is no `Retry-After`; a client that backs off from a second
      upwards spends its attempts within the same minute, and each of them is refused.
      Cure: Wait for `X-Rate-Limit-Reset` less the `Date` of the same answer, and a second more; then repeat the call. Both
      are the org's clock, so the client's own does not matter.
      Seen: discord/access#11, firezone/firezone#6735, okta/terraform-provider-okta#673, okta/okta-sdk-python#191 (ratelimit-oin-facts F24)

      Given an org that allows 1 calls of the bucket "/api/v1/users" per window
      And the client has read users once
      When the client reads users
      Then the org answered 429 E0000047: "API call exceeded rate limit due to too many requests.", with the reset and without Retry-After
      And the org saw the client wait until the bucket had reset
      And the caller received 2 users

    @PIT-025 @req:OKTA-RATE-LIMIT-RESET @must @cap:clock.inject
    Scenario: 429 with X-Rate-Limit-Limit: 0
      Symptom: `429` in an org whose dashboard shows hardly any calls; limit and remaining are both 0.
      Cause: Too many requests of the org are in flight at once, in this client or another. The reset is an estimate, about
      two minutes ahead.
      Cure: Send fewer requests at a time, wait as the answer says or somewhat less with a random part, and repeat. Do not
      divide by the limit.
      Seen: okta/okta-sdk-python#270, okta/okta-sdk-nodejs#409 (ratelimit-oin-facts F25)

      Given the org's first answer about users is that too many calls are in flight
      When the client reads users
      Then the client met that once
      And the org saw the client wait until the bucket had reset
      And the caller received 2 users

  Rule: A limited call is no reason for a new token
    @PIT-026 @req:OKTA-RATE-LIMIT-TOKEN @must
    Scenario: Token requests pile up while the API answers 429
      Symptom: `429` at `/oauth2/v1/token` as well, minutes after the first one at the API.
      Cause: The client throws its token away with every error, and asks for another one before each attempt. The token
      endpoint has a bucket of its own, which is small.
      Cure: Keep the token at 429. Only 401 says that it is no longer good.
      Seen: okta/okta-sdk-golang#562 (ratelimit-oin-facts F26)

      Given an org that allows 1 calls of the bucket "/api/v1/users" per window
      And the client has read users once
      When the client reads users
      Then the org saw 1 token request in all
      And the org saw the client wait until the bucket had reset
      And the caller received 2 users

  Rule: A client has half of the org's limit
    @PIT-033 @req:OKTA-RATE-LIMIT-HEADERS @must
    Scenario: 429 while the dashboard shows half of the limit
      Symptom: `X-Rate-Limit-Limit` is half of what Okta's page of limits says.
      Cause: Each app and each API token may use half of the org's bucket, unless an administrator changed that. The headers
      are about this share.
      Cure: Plan with what the headers say. Ask the administrator for a larger share (5 to 100 percent) under "Rate limits",
      or spread the work over the hour.
      Seen: Okta's support, a vendor's guide (ratelimit-oin-facts F33)
      Try: curl -s -i -H 'Authorization: SSWS 00devReadOnlyToken00000000000000000000000A' "$ORG/api/v1/users?limit=1"

      When the client reads users
      Then the org said that 299 of 300 calls were left and when the bucket resets
      And the caller received 2 users
