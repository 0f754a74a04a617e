Feature: An org that is not as it should be
  Each scenario is one of the suite's own, against an org that answers otherwise: its check must notice.

  @WRONG-001 @req:OWN-R @must @control:TOK-001
  Scenario: Another status for an unknown client
    Given an org whose unknown_client_body is 401
    And a client that was set up as a service app
    And the client was given an id that the org does not know
    When the client gets a token
    Then the org refused the token request in the form of its API with 400 invalid_client: "Invalid value for 'client_id' parameter."

  @WRONG-002 @req:OWN-R @must @control:TOK-001
  Scenario: Other words for a secret that is not asked for
    Given an org whose secret_to_private_key_app is wrong_secret
    And a client that was set up as a service app
    And the client was given a secret although the app has a key
    When the client gets a token
    Then the org refused the token request with 401 invalid_client: "Client authentication failed. Either the client or the client credentials are invalid."

  @WRONG-003 @req:OWN-R @must @positive
  Scenario: A mixed request is denied
    Given an org whose mixed_scopes is deny
    And the client asks for "okta.users.read okta.policies.read"
    When the client gets a token
    Then the org issued a token for "okta.users.read"

  @WRONG-004 @req:OWN-R @must @positive
  Scenario: Lists are refused without a role
    Given an org whose role_less_users is forbidden
    And the app has no admin role
    When the client reads users
    Then the org answered the call with 200
    And the caller received 0 users

  @WRONG-005 @req:OWN-R @must @control:TOK-001
  Scenario: Another error for an unknown address
    Given an org whose unknown_path is not_found
    When the client reads an address that Okta does not have
    Then the org refused the call with 405 E0000022: "The endpoint does not support the provided HTTP method"

  @WRONG-006 @req:OWN-R @must @control:TOK-001
  Scenario: The scope was there after all
    Given an org
    When the client reads groups
    Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read

  @WRONG-007 @req:OWN-R @must @positive
  Scenario: The role reaches other people
    Given an org
    And the app has a custom role with "okta.users.read" on the group "Support"
    When the client reads users
    Then the caller received exactly the users "visitor"

  @WRONG-008 @req:OWN-R @must @positive
  Scenario: Fewer pages
    Given an org that serves pages of 3
    When the client lists all users
    Then the org saw 3 page requests

  @WRONG-009 @req:OWN-R @must @positive
  Scenario: Another quota
    Given an org that allows 9 calls of the bucket "/api/v1/users" per minute
    When the client reads users
    Then the org said that 4 of 5 calls were left and when the bucket resets

  @WRONG-010 @req:OWN-R @must @positive
  Scenario: Another size of page
    Given an org
    When the client reads users, 7 a page
    Then the org linked the page to itself with a limit of 200, in a line of its own

  @WRONG-011 @req:OWN-R @must @control:TOK-001
  Scenario: A 429 of other words
    Given an org that allows 0 calls of the bucket "/api/v1/users" per minute
    When the client reads users
    Then the org answered 429 E0000047: "Too many requests", with the reset and without Retry-After

  @WRONG-012 @req:OWN-R @must @control:TOK-001
  Scenario: Another reason why the token is stale
    Given an org
    And a client whose token the org no longer accepts
    When the client reads users
    Then the org answered the first call with 401, an empty body and the challenge "The access token is invalid."

  @WRONG-013 @req:OWN-R @must @control:SIGN-001
  Scenario: The person is assigned after all
    Given an org that people sign in to
    And a client with a secret that the member signs in to
    And the app is assigned to the member only
    When the client gets a token
    Then the org sent the person back with access_denied: "User is not assigned to the client application."

  @WRONG-014 @req:OWN-R @must @control:SIGN-001
  Scenario: The redirect URI is registered after all
    Given an org that people sign in to
    And a client with a secret that the member signs in to
    When the client gets a token
    Then the org showed the person a page with 400: "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings"

  @WRONG-015 @req:OWN-R @must @control:SIGN-001
  Scenario: The person signs in after all
    Given an org that people sign in to
    And a client with a secret that the member signs in to
    When the client gets a token
    Then the org refused the person with 401 E0000004: "Authentication failed"

  @WRONG-016 @req:OWN-R @must @positive
  Scenario: Another person
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    When the client gets a token
    Then the org sent an ID token about the member for the client, with the nonce of its request

  @WRONG-017 @req:OWN-R @must @positive
  Scenario: Nothing of the person is told
    Given an org that people sign in to
    And a client with a secret that the member signs in to
    When the client gets a token
    Then the org sent an ID token that says "email" is "member@example.com"

  @WRONG-018 @req:OWN-R @must @positive
  Scenario: A refresh token that is replaced
    Given an org that people sign in to
    And a client with neither secret nor key, in a browser, that the reader signs in to
    And a client whose token the org no longer accepts
    When the client reads users
    Then the org sent the same refresh token with each refresh

  @WRONG-019 @req:OWN-R @must @control:SIGN-001
  Scenario: A refresh token that is good
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    And a client whose token the org no longer accepts
    When the client reads users
    Then the org refused the refresh with 400 invalid_grant: "The refresh token is invalid or expired."

  @WRONG-020 @req:OWN-R @must @positive
  Scenario: A token of another person
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    When the client gets a token
    Then the org sent an access token of the member

  @WRONG-021 @req:OWN-R @must @control:SIGN-001
  Scenario: A refresh token all the same
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    When the client gets a token
    Then the org sent no refresh token

  @WRONG-022 @req:OWN-R @must @control:SIGN-001
  Scenario: An ID token all the same
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    When the client gets a token
    Then the org sent no ID token

  @WRONG-023 @req:OWN-R @must @control:SIGN-001
  Scenario: The profile all the same
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    And the client asks for "openid profile"
    When the client gets a token
    Then the org sent an ID token that does not tell "preferred_username"

  @WRONG-024 @req:OWN-R @must @positive
  Scenario: An error in place of a code
    Given an org that people sign in to
    And a client with a secret that the reader signs in to
    And the client asks for "okta.apps.read"
    When the client gets a token
    Then the org sent the person back with a code and the state of the request

  @WRONG-025 @req:OWN-R @must @positive
  Scenario: The caller reads another group
    Given an org that the client may manage
    When the client reads the group "Sales"
    Then the caller received the group "Support"
    And the caller learnt that "profile.name" is "Support"
    And the caller received an empty object

  @WRONG-026 @req:OWN-R @must @positive
  Scenario: Nothing became of it
    Given an org that the client may manage
    When the client reads the group "Sales"
    Then the org has the user "visitor" whose "status" is "SUSPENDED"
    And the org has 2 groups named "Sales"
    And the org has exactly the users "member" in the group "Sales"

  @WRONG-027 @req:OWN-R @must @positive @cap:list_all
  Scenario: The other way round
    Given an org that the client may manage
    When the client lists all users found by search 'profile.login sw "re"', in ascending order of "profile.login"
    Then the caller received the users "reporter, reader" in this order
