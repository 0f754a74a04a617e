@token
Feature: Whom a client trusts, and what it keeps to itself
  A token is worth as much as the org that it is for. A client that takes any server for the org, or writes its
  token to a log, has given the customer's org away.

  Background:
    Given an org

  Rule: Only a server that the authority vouches for is the org
    @TRUST-001 @req:OIN-HTTPS @must @cap:tls
    Scenario: The org's certificate is of the authority that the client was given
      Given the client reaches the org over TLS and was given its authority
      When the client gets a token
      Then the org issued a token to the client
      And the caller learnt which scopes the token has

    @TRUST-002 @req:OIN-HTTPS @must @cap:tls @control:TRUST-001
    Scenario: The certificate is of another authority
      Given the client reaches the org over TLS and was given another authority
      When the client gets a token
      Then the org saw no request of the client
      And the caller was told that it failed

  Rule: Secrets stay between client and org
    @TRUST-004 @req:OIN-SECRETS-PRINTED @must @control:TOK-002
    Scenario: The client prints what it likes, but for secrets
      Given a client whose token the org no longer accepts
      When the client reads users
      Then nothing that the client printed holds a secret of the org
      And the caller received what it asked for

  Rule: A token is used for what it was asked for
    @TRUST-005 @req:OKTA-TOKEN-CACHE-SCOPES @must @cap:configure.again
    Scenario: The client is set up for other scopes while it runs
      Given the client asks for "okta.users.read"
      And a client that has a token
      And the client was set up again for "okta.groups.read"
      When the client gets a token
      Then the org saw 2 token requests in all
      And the org issued a token for "okta.groups.read"

  Rule: An assertion is good for one request, at one address
    @TRUST-006 @req:RFC7523-3-jti @must @cap:auth.private_key_jwt @profile:service-app @control:KEY-001
    Scenario: A thief has overheard the assertion
      Given a client that was set up as a service app
      When the client gets a token
      Then the org issued a token to the client
      And the org refused the same assertion from a thief with 401 invalid_client: "The client_assertion token has already been used."

    @TRUST-007 @req:RFC7523-3-aud @must @cap:auth.private_key_jwt @profile:service-app @control:KEY-001
    Scenario: The client knows the org by an address that is not its own
      Given a client that was set up as a service app
      And the client knows the org by an address that is not the org's own
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The audience claim for client_assertion must be the endpoint invoked for the request."
      And the caller was told so

  Rule: A refresh brings no more than the person has allowed
    @TRUST-008 @req:RFC6749-6-scope @must @cap:grant.authorization_code @cap:auth.client_secret_basic @profile:user-app @control:REF-001
    Scenario: Somebody on the way asks for more
      Given an org that people sign in to
      And a client with a secret that the reader signs in to
      And somebody on the way asks for more in each refresh
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org refused the refresh with 400 access_denied: "Some of the scopes requested for the refresh request were not granted in the original authorize request. Denied scopes: okta.groups.read."
