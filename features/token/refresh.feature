@token @refresh @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: Staying signed in
  A person signs in once and works for weeks: the client refreshes. One that forgets to ask for a refresh token, loses
  the new one or refreshes before every call sends people to the sign-in page every hour, or into the rate limit.

  Background:
    Given an org that people sign in to
    And a client with a secret that the reader signs in to

  Rule: Who asks for offline_access gets a refresh token and uses it
    @REF-001 @req:OKTA-REFRESH @must
    Scenario: The token has expired
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 1 refresh in all
      And the org saw 1 authorization request in all
      And the org saw the client ask for a new token and repeat the call
      And the caller received what it asked for

    @REF-002 @req:RFC6749-5.1-expires_in @should @cap:clock.inject
    Scenario: The client knows when its token ends
      Given a client that has worked for 1 hours
      When the client reads users
      Then the org saw the client replace the token before it ended
      And the org saw 1 authorization request in all
      And the caller received 6 users

    @REF-003 @req:OKTA-TOKEN-CACHE @must
    Scenario: While the token is good nothing is refreshed
      Given a client that has a token
      And the client has read users once
      When the client reads users
      Then the org saw 0 refreshes in all
      And the org saw 1 authorization request in all
      And the caller received 6 users

    @REF-004 @req:OKTA-OFFLINE-ACCESS @must @control:REF-001
    Scenario: Who does not ask for it has none
      Given the client asks for "openid okta.users.read"
      When the client gets a token
      Then the org sent no refresh token
      And the caller received what it asked for

    @REF-005 @req:OKTA-OFFLINE-ACCESS @must
    Scenario: Without a refresh token the person signs in again
      Given the client asks for "openid okta.users.read"
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org saw 0 refreshes in all
      And the person signed in again, or the caller learnt that they must

    @REF-006 @req:RFC6749-6-scope @must
    Scenario: A refresh asks for nothing that the person did not allow
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org saw refreshes within "openid offline_access okta.users.read"
      And the org issued a token for "openid offline_access okta.users.read"
      And the caller received what it asked for

  Rule: An app with a secret keeps its refresh token
    @REF-007 @req:OKTA-REFRESH-STATIC @must @cap:clock.inject
    Scenario: Five hours of work
      Given a client that has worked for 5 hours
      When the client reads users
      Then the org saw 5 refreshes in all
      And the org sent the same refresh token with each refresh
      And the org saw each refresh with the refresh token that it had sent last
      And the caller received 6 users

  Rule: A refresh token that is over is not presented again
    @REF-008 @req:OKTA-REFRESH-EXPIRED @must @cap:clock.inject @control:REF-001
    Scenario: The client was idle for too long
      Given a client that has a token
      And 91 days have passed
      When the client reads users
      Then the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."
      And the org saw the refused refresh token once
      And the person signed in again, or the caller learnt that they must

    @REF-009 @req:OKTA-REFRESH-REVOKED @must @control:REF-001
    Scenario: The refresh token was revoked, and its access tokens with it
      Given a client that has a token
      And the refresh token was revoked
      When the client reads users
      Then the org answered the first call with 401, an empty body and the challenge "The access token has been revoked."
      And the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."
      And the org saw the refused refresh token once
      And the person signed in again, or the caller learnt that they must

    @REF-010 @req:OKTA-REVOKE-ACCESS-TOKEN @must @control:REF-001
    Scenario: Only the access token was revoked
      Given a client that has a token
      And the access token was revoked
      When the client reads users
      Then the org answered the first call with 401, an empty body and the challenge "The access token has been revoked."
      And the org saw 1 refresh in all
      And the org saw 1 authorization request in all
      And the caller received what it asked for
