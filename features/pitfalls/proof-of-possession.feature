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
