@sign-in @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: What the org says about the person
  The ID token is how the client knows who is there. Verifiers in every language check it member by member; one that
  differs from Okta's passes here and fails at the customer.

  Background:
    Given an org that people sign in to
    And a client with a secret that the member signs in to

  Rule: An ID token is signed by a key that everybody can read
    @IDT-001 @req:OIDC-3.1.3.7-signature @must
    Scenario: The signature
      When the client gets a token
      Then the org sent an ID token that its published key verifies
      And the caller received what it asked for

  Rule: It says who signed in, for whom, when and how
    @IDT-002 @req:OIDC-2-ID-TOKEN @must
    Scenario: Whom it is about
      When the client gets a token
      Then the org sent an ID token about the member for the client, with the nonce of its request
      And the caller received what it asked for

    @IDT-003 @req:OIDC-2-ID-TOKEN @must
    Scenario: When and how
      When the client gets a token
      Then the org sent an ID token of an hour that says when and how the person signed in
      And the caller received what it asked for

    @IDT-004 @req:OIDC-3.1.3.6-at_hash @must
    Scenario: It binds the access token
      When the client gets a token
      Then the org sent an ID token that binds the access token beside it
      And the caller received what it asked for

  Rule: It tells what was asked for
    @IDT-005 @req:OIDC-5.4-SCOPES @must
    Scenario: The name, to who asks for the profile
      Given the client asks for "openid profile"
      When the client gets a token
      Then the org sent an ID token that says "preferred_username" is "member@example.com"
      And the org sent an ID token that says "name" is "member Example"
      And the caller received what it asked for

    @IDT-006 @req:OIDC-5.4-SCOPES @must
    Scenario: The address, to who asks for the email
      Given the client asks for "openid email"
      When the client gets a token
      Then the org sent an ID token that says "email" is "member@example.com"
      And the caller received what it asked for

    @IDT-007 @req:OIDC-5.4-SCOPES @must @control:IDT-005
    Scenario: Neither, to who asks for neither
      Given the client asks for "openid"
      When the client gets a token
      Then the org sent an ID token that does not tell "preferred_username"
      And the org sent an ID token that does not tell "email"
      And the caller received what it asked for

    @IDT-008 @req:OIDC-3.1.2.1-openid @must @control:IDT-002
    Scenario: No ID token without openid
      Given the client asks for "okta.users.read"
      When the client gets a token
      Then the org sent no ID token
      And the caller received what it asked for

  Rule: A refresh says again who it is
    @IDT-009 @req:OIDC-12.2 @must
    Scenario: The ID token of a refresh is about the same person
      Given a client whose token the org no longer accepts
      When the client reads users
      Then the org sent an ID token about the member for the client
      And the org sent an ID token that its published key verifies
      And the caller received what it asked for
