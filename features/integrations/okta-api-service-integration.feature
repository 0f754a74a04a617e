@integrations @guides @api-service-integration @profile:oin-api-service @cap:auth.client_secret_basic
Feature: Okta's guide to API service integrations
  Ines registers an integration with its scopes. Each customer installs it and hands over three values: domain, client
  id, secret. What she changes later in the submission, the installations of before never learn.
  Its own requests, as a program: examples/okta-api-service-integration.

  Background:
    Given an org

  Rule: Client id and secret of the installation bring a token
    @GASI-001 @req:OIN-CLIENT-SECRET-BASIC @req:OKTA-ORG-AUTHORIZATION-SERVER @must
    Scenario: The test installation
      Given a client of the integration "acmesync", installed for "okta.users.read okta.groups.manage"
      When the client gets a token
      Then the org saw the credentials in the Authorization header only
      And the org saw a form posted to the token endpoint of its own authorization server
      And the org answered with a Bearer token for an hour, in Okta's form
      And the org issued a token for "okta.users.read okta.groups.manage"

    @GASI-002 @req:RFC6749-5.2-invalid_client @must @control:GASI-001
    Scenario: The secret is no longer that of the installation
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And the secret was rotated after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client secret supplied for a confidential client is invalid."
      And the caller was told so

  Rule: A token is for scopes of the installation
    @GASI-003 @req:OIN-SCOPES-SUBSET @must
    Scenario: One task needs one scope
      Given a client of the integration "acmesync", installed for "okta.users.manage okta.groups.manage okta.apps.manage"
      And the client asks for "okta.groups.manage"
      When the client gets a token
      Then the org saw the client ask for "okta.groups.manage"
      And the org issued a token for "okta.groups.manage"
      And the caller learnt which scopes the token has

    @GASI-004 @req:OKTA-MANAGE-INCLUDES-READ @must
    Scenario: A scope to manage reads
      Given a client of the integration "acmesync", installed for "okta.groups.manage"
      And an administrator has assigned the role READ_ONLY_ADMIN to the installation "acmesync"
      When the client reads groups
      Then the org answered the call with 200
      And the caller received 3 groups

    @GASI-005 @req:OKTA-SILENT-DOWNSCOPING @must
    Scenario: A scope that was not registered goes missing without a word
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And the client asks for "okta.users.read okta.apps.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

  Rule: An installation is a snapshot of the submission
    @GASI-006 @req:OKTA-CONSENT-REQUIRED @must @control:GASI-001
    Scenario: The submission has another scope by now
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And an administrator has installed the integration "acmesync" once more, for "okta.users.read okta.apps.read"
      And the client asks for "okta.apps.read"
      When the client gets a token
      Then the org refused the token request with 400 consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

    @GASI-013 @req:OIN-SCOPES-SUBSET @must
    Scenario: An edit takes nothing from the instance of before
      Given a submission of the integration "Acme Audit" for "okta.users.read okta.apps.read"
      And a client of an instance of the submission "Acme Audit"
      And the author has edited the submission "Acme Audit" to "okta.users.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read okta.apps.read"
      And the caller received what it asked for

    @GASI-014 @req:OKTA-CONSENT-REQUIRED @must @control:GASI-015
    Scenario: An edit gives nothing to the instance of before
      Given a submission of the integration "Acme Audit" for "okta.users.read"
      And a client of an instance of the submission "Acme Audit"
      And the author has edited the submission "Acme Audit" to "okta.users.read okta.apps.read"
      And the client asks for "okta.apps.read"
      When the client gets a token
      Then the org refused the token request with 400 consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

    @GASI-015 @req:OIN-SCOPES-SUBSET @must
    Scenario: An instance that was generated after the edit has what it says
      Given a submission of the integration "Acme Audit" for "okta.users.read"
      And the author has edited the submission "Acme Audit" to "okta.users.read okta.apps.read"
      And a client of an instance of the submission "Acme Audit"
      And the client asks for "okta.apps.read"
      When the client gets a token
      Then the org issued a token for "okta.apps.read"

  Rule: A new installation has no admin role
    @GASI-007 @req:OKTA-EMPTY-WITHOUT-ROLE @must @control:GASI-008 @negative
    Scenario: Its lists are empty
      Given a client of the integration "acmesync", installed for "okta.users.read"
      When the client reads users
      Then the org answered the call with 200
      And the caller received 0 users

    @GASI-008 @req:OKTA-ROLES-AT-ONCE @must
    Scenario: A role is assigned to it
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And a client that has a token
      And an administrator has assigned the role READ_ONLY_ADMIN to the installation "acmesync"
      When the client reads users
      Then the org saw 1 token request in all
      And the caller received 6 users

  Rule: A secret is replaced while the integration works
    @GASI-009 @req:OIN-TWO-SECRETS @must
    Scenario: The client has the new one, and the old one is off
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And the client was handed a second secret of the installation "acmesync"
      And an administrator has switched off the first secret of the installation "acmesync"
      When the client gets a token
      Then the org issued a token to the client

    @GASI-010 @req:RFC6749-5.2-invalid_client @must @control:GASI-009
    Scenario: The client has the old one still
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And an administrator has made a second secret of the installation "acmesync"
      And an administrator has switched off the first secret of the installation "acmesync"
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client secret supplied for a confidential client is invalid."
      And the caller was told so

  Rule: An installation that was revoked is over at once
    @GASI-011 @req:OKTA-TOKEN-401 @must
    Scenario: An hour is over, and the installation is there
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And a client whose token the org no longer accepts
      When the client reads users
      Then the org answered the first call with 401, an empty body and the challenge "The token has expired."
      And the org saw the client ask for a new token and repeat the call
      And the caller received what it asked for

    @GASI-012 @req:OKTA-UNKNOWN-CLIENT @must @control:GASI-011
    Scenario: The customer revoked it while the client held a token
      Given a client of the integration "acmesync", installed for "okta.users.read"
      And a client that has a token
      And an administrator has revoked the installation "acmesync"
      When the client reads users
      Then the org refused the token request in the form of its API with 401 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so

    @GASI-016 @req:OKTA-UNKNOWN-CLIENT @must @control:GASI-013
    Scenario: The instance of before the edit was revoked
      Given a submission of the integration "Acme Audit" for "okta.users.read"
      And a client of an instance of the submission "Acme Audit"
      And the author has edited the submission "Acme Audit" to "okta.users.read okta.apps.read"
      And an administrator has revoked the installation "Acme Audit"
      When the client gets a token
      Then the org refused the token request in the form of its API with 401 invalid_client: "Invalid value for 'client_id' parameter."
      And the caller was told so
