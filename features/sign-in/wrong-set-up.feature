@sign-in @profile:user-app @cap:grant.authorization_code @cap:auth.client_secret_basic
Feature: An app that is set up otherwise than the client
  Most first sign-ins fail by a setting: a redirect URI with a slash too many, a scope that nobody granted. Okta tells
  some of it on a page that only the person sees, and the rest in a redirect that only the client sees.

  Background:
    Given an org that people sign in to
    And a client with a secret that the member signs in to

  Rule: Before the redirect URI is proven, the org tells the person and sends nobody anywhere
    @SET-001 @req:OKTA-REDIRECT-URI-EXACT @must
    Scenario: The redirect URI is one of the app
      When the client gets a token
      Then the org sent the person back with a code and the state of the request
      And the org issued a token to the client

    @SET-002 @req:OKTA-REDIRECT-URI-EXACT @must @control:SET-001
    Scenario: The redirect URI has a slash too many
      Given the client was given the redirect URI "https://app.example.com/callback/"
      When the client gets a token
      Then the org showed the person a page with 400: "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings"
      And the org saw no token request
      And the caller was told so

    @SET-003 @req:OKTA-UNKNOWN-CLIENT @must @control:SET-001
    Scenario: The org does not know the client
      Given the client was given an id that the org does not know
      When the client gets a token
      Then the org showed the person a page with 400: "Invalid value for 'client_id' parameter."
      And the caller was told so

    @SET-004 @req:OKTA-SERVICE-APP-AUTHORIZE @must @control:SET-001
    Scenario: The client has the id of a service app
      Given the client was given the id of a service app
      When the client gets a token
      Then the org showed the person a page with 400: "Clients with 'application_type' of 'service' are not allowed to access the"
      And the caller was told so

  Rule: Afterwards the org tells the client, by redirect and with the state
    @SET-005 @req:OKTA-UNKNOWN-SCOPE @must @control:SET-001
    Scenario: A scope that Okta does not have
      Given the client asks for "openid okta.unicorns.read"
      When the client gets a token
      Then the org sent the person back with invalid_scope: "One or more scopes are not configured for the authorization server resource."
      And the caller was told so

    @SET-006 @req:OKTA-CUSTOM-SCOPE @must @control:SET-001
    Scenario: A scope of a custom authorization server
      Given the client asks for "openid orders"
      When the client gets a token
      Then the org sent the person back with invalid_scope: "Custom scopes are not allowed for this request."
      And the caller was told so

    @SET-007 @req:OKTA-SCOPES-REQUIRED @must @control:SET-001
    Scenario: No scope at all
      Given the client was given no scopes
      When the client gets a token
      Then the org sent the person back with invalid_scope: "No scopes were requested."
      And the caller was told so

    @SET-008 @req:OKTA-OPENID-REQUIRED @must @control:SET-001
    Scenario: The person's profile without openid
      Given the client asks for "profile okta.users.read"
      When the client gets a token
      Then the org sent the person back with invalid_scope: "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope."
      And the caller was told so

    @SET-009 @req:RFC6749-4.1.2.1-unauthorized_client @must @control:SET-001
    Scenario: The app lacks the grant type
      Given the app has the grant types "implicit refresh_token"
      When the client gets a token
      Then the org sent the person back with unauthorized_client: "The client is not authorized to use the provided grant type. Configured grant types: [implicit, refresh_token]."
      And the caller was told so

    @SET-010 @req:OKTA-PROMPT @must @control:SET-001
    Scenario: A prompt that Okta does not know
      Given the client is set up for the prompt "sometimes"
      When the client gets a token
      Then the org sent the person back with invalid_request: "Invalid value for 'prompt' parameter. Supported values: [none, login, consent]"
      And the caller was told so

  Rule: A client that cannot prove who it is gets nothing for its code
    @SET-011 @req:RFC6749-5.2-invalid_client @must @control:SET-001
    Scenario: The secret was rotated
      Given the secret was rotated after the client was set up
      When the client gets a token
      Then the org refused the token request with 401 invalid_client: "The client secret supplied for a confidential client is invalid."
      And the org saw each code exchanged once
      And the caller was told so
