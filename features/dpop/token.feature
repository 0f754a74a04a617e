@dpop
Feature: Getting a token that is bound to a key
  A new service app binds its tokens to a key of the client (DPoP) unless its maker clears a box. A token that is stolen
  from a log is then worth nothing; an integration that cannot prove possession of its key gets no token at all.

  Background:
    Given an org
    And a client that proves possession of a key

  Rule: The org gives a nonce, and the client repeats its request with it
    @DPOP-001 @req:RFC9449-8 @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The first token
      When the client gets a token
      Then the org saw the client repeat its request with the nonce that it was given
      And the org saw 2 token requests, each with an assertion of its own
      And the org issued a token to the client

    @DPOP-002 @req:RFC9449-8.2-kept @should @cap:dpop @cap:auth.private_key_jwt
    Scenario: The nonce serves for the next token too
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 3 token requests in all
      And the caller received 6 users

    @DPOP-003 @req:RFC9449-8.2 @must @cap:dpop @cap:auth.private_key_jwt @cap:clock.inject
    Scenario: After four days the org wants another nonce
      Given a client that has a token
      And 5760 minutes have passed
      When the client gets a token
      Then the org saw the client repeat its request with the nonce that it was given
      And the org saw 4 token requests in all

  Rule: A proof is made for one request
    @DPOP-004 @req:RFC9449-4.2-jti @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: Each token request has a proof of its own
      When the client gets a token
      Then the org saw a proof of its own in every request
      And the org saw proofs that were made when they were sent

    @DPOP-005 @req:RFC9449-4.2-htu @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The proof names the method and the address
      When the client gets a token
      Then the org saw proofs for the method and the address of their requests

    @DPOP-006 @req:RFC9449-4.2-jwk @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The proof carries its key and names its algorithm
      When the client gets a token
      Then the org saw proofs of the type dpop+jwt, signed by the public key that they carry
      And the org saw all proofs made with one key

  Rule: The client is told what its token is
    @DPOP-007 @req:RFC9449-5 @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The token is bound
      When the client gets a token
      Then the org answered with a DPoP token for an hour, in Okta's form
      And the caller received what it asked for

    @DPOP-008 @req:OKTA-DPOP-OPTIONAL @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The app asks for no proof, and the client sends one
      Given the app's tokens are not bound to a key
      When the client reads users
      Then the org answered with a Bearer token for an hour, in Okta's form
      And the org saw 1 token request in all
      And the org saw every call under the scheme Bearer
      And the caller received 6 users
