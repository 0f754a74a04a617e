@sign-in @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: Who may sign in
  An administrator decides who may use an app, and takes it back when somebody leaves. The client learns it only from
  these answers; one that shows them all as "something went wrong" turns each into a support case.

  Background:
    Given an org that people sign in to
    And a client with a secret that the member signs in to

  Rule: An active person who is assigned to the app signs in
    @WHO-001 @req:OKTA-AUTHN-SUCCESS @must
    Scenario: An active person
      When the client gets a token
      Then the org sent the person back with a code and the state of the request
      And the org sent an access token of the member
      And the caller received what it asked for

    @WHO-002 @req:OKTA-APP-ASSIGNMENT @must
    Scenario: A person who is assigned through a group
      Given the app is assigned to the group "Support" only
      When the client gets a token
      Then the org sent an access token of the member
      And the caller received what it asked for

    @WHO-003 @req:OKTA-APP-ASSIGNMENT @must @control:WHO-002
    Scenario: A person who is in another group
      Given the app is assigned to the group "Sales" only
      When the client gets a token
      Then the org sent the person back with access_denied: "User is not assigned to the client application."
      And the caller was told so

    @WHO-004 @req:OKTA-APP-ASSIGNMENT @must @control:WHO-001
    Scenario: The app is assigned to somebody else
      Given the app is assigned to the visitor only
      When the client gets a token
      Then the org sent the person back with access_denied: "User is not assigned to the client application."
      And the org saw 1 authorization request in all
      And the caller was told so

  Rule: Who cannot prove who they are is told nothing else
    @WHO-005 @req:OKTA-AUTHN-FAILED @must @control:WHO-001
    Scenario: The password is mistyped
      Given the person mistypes the password
      When the client gets a token
      Then the org refused the person with 401 E0000004: "Authentication failed"
      And the org saw no token request
      And the caller was told so

    @WHO-006 @req:OKTA-AUTHN-FAILED @must @control:WHO-001
    Scenario: Nobody of that name is in the org
      Given the person has no account in the org
      When the client gets a token
      Then the org refused the person with 401 E0000004: "Authentication failed"
      And the caller was told so

    @WHO-007 @req:OKTA-AUTHN-FAILED @must @control:WHO-001
    Scenario: The person has left
      Given the account of the member is DEPROVISIONED
      When the client gets a token
      Then the org refused the person with 401 E0000004: "Authentication failed"
      And the caller was told so

    @WHO-008 @req:OKTA-AUTHN-FAILED @must @control:WHO-001
    Scenario: The person is suspended
      Given the account of the member is SUSPENDED
      When the client gets a token
      Then the org refused the person with 401 E0000004: "Authentication failed"
      And the caller was told so

  Rule: A person who may not be troubled must be signed in already
    @WHO-009 @req:OIDC-3.1.2.6-login_required @must @control:WHO-001
    Scenario: Nobody is signed in
      Given the client may not trouble the person
      When the client gets a token
      Then the org sent the person back with login_required: "The client specified not to prompt, but the user is not logged in."
      And the caller was told so

    @WHO-010 @req:OKTA-PROMPT @must
    Scenario: The client wants the person to sign in once more
      Given the client is set up for the prompt "login"
      When the client gets a token
      Then the org sent the person back with a code and the state of the request
      And the org issued a token to the client
