@oin @connection-test @cap:connection_test @cap:auth.client_secret_basic
Feature: The connection test
  Whoever installs an integration presses a button and wants to know whether it works. What is missing is a scope or an
  admin role, and each is mended in another place. An empty list says neither, and an org always has somebody in it.

  Background:
    Given an org

  Rule: One cheap call shows whether a scope works
    @CONN-001 @req:OIN-CONNECTION-TEST @should
    Scenario: Everything is there
      Given a client of the integration "acmesync", installed for "okta.users.read okta.groups.read okta.logs.read"
      And an administrator has assigned the role READ_ONLY_ADMIN to the installation "acmesync"
      When the client tests its connection
      Then the org saw one call for each scope at most, each for one element
      And the caller learnt that "okta.users.read okta.groups.read okta.logs.read" works

  Rule: What is missing has a name
    @CONN-002 @req:OIN-CONNECTION-TEST @req:OKTA-SILENT-DOWNSCOPING @should @control:CONN-001
    Scenario: A scope is not of the installation
      That a token has fewer scopes must be learnt; that a connection test says so is advice.

      Given a client of the integration "acmesync", installed for "okta.users.read"
      And an administrator has assigned the role READ_ONLY_ADMIN to the installation "acmesync"
      And the client asks for "okta.users.read okta.groups.read"
      When the client tests its connection
      Then the org issued a token for "okta.users.read"
      And the caller was told that "okta.groups.read" is missing

    @CONN-003 @req:OIN-CONNECTION-TEST @req:OKTA-EMPTY-WITHOUT-ROLE @should @control:CONN-001
    Scenario: The installation has no admin role
      That the lists are empty is a must of the org; that a connection test says why is advice.

      Given a client of the integration "acmesync", installed for "okta.users.read okta.groups.read okta.logs.read"
      When the client tests its connection
      Then the org issued a token for "okta.users.read okta.groups.read okta.logs.read"
      And the caller was told that "okta.users.read okta.groups.read okta.logs.read" lacks a role
