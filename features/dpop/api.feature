@dpop
Feature: Calling with a token that is bound to a key
  Every call carries a proof that its sender holds the key, made for this call and this token. The usual faults are a
  proof that is sent twice, the query in its address, and a key that is not kept.

  Background:
    Given an org that serves pages of 2
    And a client that proves possession of a key

  Rule: Every call has a proof of its own
    @DPOP-101 @req:RFC9449-7.1 @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: A call
      When the client reads users
      Then the org saw every call under the scheme DPoP
      And the org saw a proof of its own in every request
      And the org answered the call with 200
      And the caller received 2 users

    @DPOP-102 @req:RFC9449-4.2-jti @must @cap:dpop @cap:auth.private_key_jwt @cap:list_all
    Scenario: A list of several pages
      When the client lists all users
      Then the org saw 3 page requests
      And the org saw a proof of its own in every request
      And the caller received everything that the org sent, each once

    @DPOP-103 @req:RFC9449-4.2-jti @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: A call is repeated after a rate limit
      Given an org that allows 1 calls of the bucket "/api/v1/users" per window
      And the client has read users once
      When the client reads users
      Then the org saw the client wait until the bucket had reset
      And the org saw a proof of its own in every request
      And the caller received 2 users

    @DPOP-104 @req:OKTA-TOKEN-401 @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: A call is repeated with a new token
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw the client ask for a new token and repeat the call
      And the org saw in every call a proof for the token that came with it

  Rule: The proof is about the call and its token
    @DPOP-105 @req:RFC9449-4.2-htu @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The query is no part of the address
      When the client lists all users, 2 a page
      Then the org saw proofs for the method and the address of their requests
      And the org answered the call with 200

    @DPOP-106 @req:RFC9449-4.2-ath @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The proof says which token it is for
      When the client reads users
      Then the org saw in every call a proof for the token that came with it
      And the org answered the call with 200

    @DPOP-107 @req:RFC9449-6 @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The key stays the same from the token to the call
      When the client reads users
      Then the org saw all proofs made with one key
      And the org answered the call with 200

  Rule: What is wrong is told in the challenge, and the caller is told
    @DPOP-108 @req:RFC9449-11.1 @must @cap:dpop @cap:auth.private_key_jwt @control:DPOP-101
    Scenario: The client's clock is slow
      Given a client that has a token
      And the client's clock is 6 minutes behind the org's
      When the client reads users
      Then the org refused the call with 400, an empty body and the DPoP challenge invalid_dpop_proof: "The DPoP proof JWT is issued more than five minutes in the past."
      And the caller was told so

    @DPOP-109 @req:RFC9449-11.1 @must @cap:dpop @cap:auth.private_key_jwt @control:DPOP-101
    Scenario: The client's clock is fast
      Given a client that has a token
      And the client's clock is 2 minutes ahead of the org's
      When the client reads users
      Then the org refused the call with 400, an empty body and the DPoP challenge invalid_dpop_proof: "The DPoP proof JWT is issued in the future."
      And the caller was told so

    @DPOP-110 @req:OKTA-INSUFFICIENT-SCOPE @must @cap:dpop @cap:auth.private_key_jwt @control:DPOP-101
    Scenario: The token lacks the scope
      Given the client asks for "okta.users.read"
      When the client reads groups
      Then the org refused the call with 403, an empty body and a DPoP challenge for the scope okta.groups.read
      And the caller was told so
