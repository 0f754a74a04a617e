@integrations @nango @authpipe @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: A person connects an org through Nango's okta or Authpipe
  Pablo signs in once, and a broker works in his name from then on: it keeps his refresh token, renews before anybody
  waits, and looks every day whether the connection still stands. A broker that misses one of these loses it silently.
  Its own requests, as a program: examples/nango-okta-and-authpipe.

  Background:
    Given an org that people sign in to
    And a client with a secret that the reader signs in to

  Rule: The person signs in once, and nobody can slip in between
    @NAP-001 @req:RFC7636-4.3 @req:RFC6749-10.12 @must
    Scenario: The person is sent to the org
      When the client gets a token
      Then the org saw an S256 challenge in every authorization request
      And the org saw a state in every authorization request that nobody can guess
      And the org sent the person back with a code and the state of the request

    @NAP-002 @req:RFC7636-4.5 @req:RFC6749-4.1.2 @must
    Scenario: The code becomes a connection
      When the client gets a token
      Then the org saw each code exchanged with the verifier of its challenge
      And the org saw each code exchanged once
      And the org issued a token for "openid offline_access okta.users.read"
      And the caller learnt which scopes the token has

    @NAP-003 @req:RFC6749-10.12 @must @control:NAP-004
    Scenario: Somebody sends the broker an answer of their own
      Given somebody on the way replaces the state
      When the client gets a token
      Then the org saw no token request
      And the caller was told of a fault in what came back

    @NAP-004 @req:RFC6749-10.12 @must
    Scenario: Somebody on the way lets everything pass
      Given what client and org say to each other passes somebody else
      When the client gets a token
      Then the org issued a token to the client
      And the caller received what it asked for

  Rule: The connection is renewed without the person
    @NAP-005 @req:OKTA-REFRESH @must
    Scenario: The token is over
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 1 refresh in all
      And the org saw 1 authorization request in all
      And the caller received 6 users

    @NAP-006 @req:OKTA-REFRESH-STATIC @must @cap:clock.inject
    Scenario: A working day
      Given a client that has worked for 8 hours
      When the client reads users
      Then the org saw 8 refreshes in all
      And the org sent the same refresh token with each refresh
      And the org saw 1 authorization request in all
      And the caller received 6 users

    @NAP-007 @req:OKTA-REFRESH-ROTATE @must @cap:clock.inject
    Scenario: A working day of an app that replaces its refresh token
      Given the app's refresh token is replaced at each use
      And a client that has worked for 8 hours
      When the client reads users
      Then the org sent another refresh token with each refresh
      And the org saw each refresh with the refresh token that it had sent last
      And the org saw 1 authorization request in all
      And the caller received 6 users

  Rule: Who did not ask for offline_access has an hour
    @NAP-008 @req:OKTA-OFFLINE-ACCESS @must @control:NAP-005
    Scenario: Authpipe's list of scopes has no offline_access
      Given the client asks for "openid profile email okta.users.read okta.groups.read"
      When the client gets a token
      Then the org sent no refresh token
      And the caller learnt which scopes the token has

    @NAP-009 @req:OKTA-OFFLINE-ACCESS @must
    Scenario: The hour is over, and only the person can help
      Given the client asks for "openid profile email okta.users.read okta.groups.read"
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 0 refreshes in all
      And the person signed in again, or the caller learnt that they must

  Rule: A connection that was taken back is noticed
    @NAP-010 @req:OKTA-REFRESH-REVOKED @must @control:NAP-005
    Scenario: The person took it back
      Given a client that has a token
      And the refresh token was revoked
      When the client reads users
      Then the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."
      And the org saw the refused refresh token once
      And the person signed in again, or the caller learnt that they must

    @NAP-011 @req:OKTA-REFRESH-REUSE @must @cap:clock.inject @control:NAP-007
    Scenario: Somebody else has used the refresh token of an app that replaces it
      Given the app's refresh token is replaced at each use
      And a client that has a token
      And a thief has used the refresh token
      And 61 minutes have passed
      When the client reads users
      Then the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."
      And the person signed in again, or the caller learnt that they must
