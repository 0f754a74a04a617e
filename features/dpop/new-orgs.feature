@dpop
Feature: An org that binds the tokens of new service apps
  In a new org the box is ticked. An integration that was only ever tested in an older org, or with a box that somebody
  cleared long ago, meets it at its next customer.

  Background:
    Given an org whose dpop_on_new_service_apps is required

  Rule: A new service app wants proofs, an installed integration never does
    @DPOP-201 @req:OKTA-DPOP-DEFAULT @must @cap:dpop @cap:auth.private_key_jwt
    Scenario: The client can prove possession of a key
      Given a client that was set up as a service app
      And the client was told to prove possession of a key
      When the client reads users
      Then the org answered with a DPoP token for an hour, in Okta's form
      And the caller received 6 users

    @DPOP-202 @req:OKTA-DPOP-DEFAULT @must @cap:auth.private_key_jwt @control:APP-001
    Scenario: The client knows Bearer tokens only
      Given a client that was set up as a service app
      When the client gets a token
      Then the org refused the token request with 400 invalid_dpop_proof: "The DPoP proof JWT header is missing."
      And the caller was told so

    @DPOP-203 @req:OKTA-DPOP-DEFAULT @must @cap:auth.client_secret_basic
    Scenario: An installed integration keeps its Bearer tokens
      Given a client that was set up as an installed integration
      When the client reads users
      Then the org answered with a Bearer token for an hour, in Okta's form
      And the caller received 6 users
