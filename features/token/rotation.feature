@token @refresh @profile:user-app @cap:grant.authorization_code @cap:auth.none
Feature: A refresh token that is replaced at each use
  A public client proves nothing when it refreshes, so its refresh token is good for one use. When an old one turns up
  again, somebody has stolen it, and Okta cannot tell who: everything that came of the sign-in ends.

  Background:
    Given an org that people sign in to
    And a client with neither secret nor key, in a browser, that the reader signs in to

  Rule: The client keeps the newest refresh token
    @ROT-001 @req:OKTA-REFRESH-ROTATE @must @cap:clock.inject
    Scenario: Three hours of work
      Given a client that has worked for 3 hours
      When the client reads users
      Then the org saw 3 refreshes in all
      And the org sent another refresh token with each refresh
      And the org saw each refresh with the refresh token that it had sent last
      And the caller received 6 users

    @ROT-002 @req:OKTA-REFRESH-ROTATE @must
    Scenario: The token has expired once
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 1 refresh in all
      And the org saw 1 authorization request in all
      And the caller received what it asked for

  Rule: A refresh token that was used before ends the whole sign-in
    @ROT-003 @req:OKTA-REFRESH-REUSE @must @cap:clock.inject @control:ROT-002
    Scenario: A thief was faster
      Given a client that has a token
      And a thief has used the refresh token
      And 61 minutes have passed
      When the client reads users
      Then the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."
      And the org saw the refused refresh token once
      And the person signed in again, or the caller learnt that they must
