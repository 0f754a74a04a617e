@scopes
Feature: A token with fewer scopes than were asked for
  An administrator grants an app its scopes one by one. What was not granted vanishes from the token without a word, and
  the integration fails much later, at a call: unless it compares what it got with what it asked for.

  Background:
    Given an org

  Rule: The token has what was asked for and granted
    @SCO-001 @req:OKTA-SCOPE-GRANTS @must @real:read
    Scenario: Everything was granted
      Given the client asks for "okta.groups.read okta.users.read"
      When the client gets a token
      Then the org issued a token for "okta.groups.read okta.users.read"
      And the caller learnt which scopes the token has

    @SCO-002 @req:OKTA-SILENT-DOWNSCOPING @must
    Scenario: One of two was not granted
      Given the app is granted "okta.users.read"
      And the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org issued a token for "okta.users.read"
      And the caller learnt which scopes the token has

    @SCO-003 @req:OKTA-SCOPES-ARE-NOT-ROLES @must
    Scenario: The admin role does not shorten the token
      Given the app is granted "okta.users.read okta.users.manage"
      And the app has the admin role READ_ONLY_ADMIN
      And the client asks for "okta.users.read okta.users.manage"
      When the client gets a token
      Then the org issued a token for "okta.users.read okta.users.manage"
      And the caller learnt which scopes the token has

    @SCO-004 @req:OKTA-CONSENT-REQUIRED @must @control:SCO-001
    Scenario: None was granted
      Given the app is granted "okta.apps.read"
      And the client asks for "okta.users.read okta.groups.read"
      When the client gets a token
      Then the org refused the token request with 400 consent_required: "You are not allowed any of the requested scopes."
      And the caller was told so

  Rule: A scope that does not exist, or not for client credentials, spoils the whole request
    @SCO-005 @req:RFC6749-5.2-invalid_scope @must @control:SCO-001 @wrong-request
    Scenario Outline: The client asks for <why>
      Given the client asks for "<asked>"
      When the client gets a token
      Then the org refused the token request with 400 <code>: "<words>"
      And the caller was told so

      Examples:
        | why                                   | asked                                | code                                   | words                                                                       |
        | an Okta scope that does not exist     | okta.unicorns.read                   | invalid_scope                          | One or more scopes are not configured for the authorization server resource. |
        | a good scope and one that is none     | okta.users.read okta.unicorns.read   | invalid_scope                          | One or more scopes are not configured for the authorization server resource. |
        | a scope of a custom server            | items.read                           | invalid_scope                          | Custom scopes are not allowed for this request.                              |
        | an OpenID Connect scope               | openid                               | invalid_scope                          | Cannot request 'openid' scopes using client credentials.                     |
        | a refresh token                       | okta.users.read offline_access       | invalid_scope                          | Cannot request 'openid' scopes using client credentials.                     |
        | a scope for a person's own data       | okta.users.read.self                 | client_credentials_self_scope_requested | The 'client_credentials' grant type may not request .self scopes.            |
