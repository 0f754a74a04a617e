@pitfalls @dpop @profile:service-app @cap:auth.private_key_jwt
Feature: Pitfalls: the org wants proofs of possession
  New service apps bind their tokens to a key (DPoP) unless somebody clears a box. The handshake has an error in it that
  is none, and a client that repeats itself is refused for the repetition.

  Background:
    Given an org whose dpop_on_new_service_apps is required
    And a client that was set up as a service app

  Rule: A client proves possession of a key, or its app does not ask for it
    @PIT-104 @req:OKTA-DPOP-DEFAULT @must
    Scenario: Cured: the box was cleared
      Given the app's tokens are not bound to a key
      When the client reads users
      Then the org answered with a Bearer token for an hour, in Okta's form
      And the caller received 6 users

    @PIT-004 @req:OKTA-DPOP-DEFAULT @must @control:PIT-104
    Scenario: "The DPoP proof JWT header is missing."
      Symptom: `400 invalid_dpop_proof` for a client that works in every older org.
      Cause: The box "Require Demonstrating Proof of Possession (DPoP) header in token requests" is ticked on new service
      apps, and the client sends no proof.
      Cure: Send a proof with every request, or clear the box under "General" of the app. API service integrations from the
      OIN have no such box and keep their Bearer tokens.
      Seen: recordings of 2026; okta/okta-sdk-nodejs#424, okta/okta-sdk-dotnet#697 (ratelimit-oin-facts F4)

      When the client gets a token
      Then the org refused the token request with 400 invalid_dpop_proof: "The DPoP proof JWT header is missing."
      And the caller was told so

  Rule: The org gives a nonce, and the client repeats its request with it
    @PIT-005 @req:RFC9449-8 @must @cap:dpop
    Scenario: "Authorization server requires nonce in DPoP proof."
      Symptom: `400 use_dpop_nonce` at the first token request of every run.
      Cause: This is no refusal but the first half of a handshake: the answer has a header `DPoP-Nonce`, whose value belongs
      into the next proof.
      Cure: Repeat the request once with a new proof that has the `nonce`, and keep the nonce for the requests after it. Any
      answer may bring another one.
      Seen: recordings of 2026 (ratelimit-oin-facts F5)

      Given the client was told to prove possession of a key
      When the client gets a token
      Then the org saw the client repeat its request with the nonce that it was given
      And the org issued a token to the client

    @PIT-006 @req:RFC7523-3-jti @must @cap:dpop @positive
    Scenario: "The client_assertion token has already been used."
      Symptom: `401 invalid_client` at the second request of the handshake, the one with the nonce.
      Cause: The client repeats its request as it was. The org has seen the `jti` of that assertion, even though the first
      request ended in an error.
      Cure: Sign a new assertion with a new `jti` for every attempt, the repetition with the nonce and retries included.
      Seen: a note in Okta's SDK for Python; a live org in September 2026; speakeasy-api/gram#6502 (ratelimit-oin-facts F6)

      Given the client was told to prove possession of a key
      When the client gets a token
      Then the org saw 2 token requests, each with an assertion of its own
      And the org issued a token to the client
      And the org refuses a client that uses one jti for all assertions, with 401 invalid_client: "The client_assertion token has already been used."

  Rule: A proof is made for one request
    @PIT-007 @req:RFC9449-4.2-jti @must @cap:dpop @positive
    Scenario: "The DPoP proof JWT has already been used."
      Symptom: `400 invalid_dpop_proof` at a call or at a retry, with an empty body; the words stand in `WWW-Authenticate`.
      Cause: The client keeps a proof and sends it twice. A proof is for one method, one address and one moment.
      Cure: Make a proof with a new `jti` for every request: for each page of a list, and for each repetition after 401 or
      429. Its `htu` is the address without the query, and without a slash that the request does not have.
      Seen: okta/okta-sdk-golang#554, okta/terraform-provider-okta#2598, okta/okta-sdk-nodejs#453 (ratelimit-oin-facts F7)

      Given the client was told to prove possession of a key
      When the client reads users
      Then the org saw a proof of its own in every request
      And the caller received 6 users
      And the org refuses a client that uses one jti for all proofs, with 400 invalid_dpop_proof: "The DPoP proof JWT has already been used."
