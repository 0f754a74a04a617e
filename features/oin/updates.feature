@oin @updates @profile:oin-api-service @cap:auth.client_secret_basic
Feature: An update of a published integration
  Customers do not update together. An installation keeps the scopes and the settings of its day, so a new version has to
  work with what customers of the version before have, and Okta wants both tested within 48 hours before the update is
  submitted.

  Background:
    Given an org

  Rule: Both versions work
    @UPD-001 @req:OIN-BACKWARD-COMPATIBLE @must
    Scenario: A customer installs the new version
      Given a client of the integration "acmesync", installed from its new version
      When the client gets a token
      Then the org saw the client ask for scopes of its installation only
      And the org issued a token to the client

    @UPD-002 @req:OIN-BACKWARD-COMPATIBLE @must
    Scenario: A customer has the version before
      Given a client of the integration "acmesync", installed from the version before
      When the client gets a token
      Then the org saw the client ask for scopes of its installation only
      And the org issued a token to the client

  Rule: A setting that the update brings may be empty
    @UPD-003 @req:OIN-BACKWARD-COMPATIBLE @must
    Scenario: A customer has entered nothing for it
      Given a client of the integration "acmesync", installed from the version before
      And the settings that the update brings are empty
      When the client gets a token
      Then the org issued a token to the client
