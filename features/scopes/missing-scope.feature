@scopes
Feature: A call that the token has no scope for
  Okta answers such a call with 403, an empty body and a challenge. A client that expects JSON crashes, one that retries
  burns quota, and one that hands on an empty list makes a customer believe that all users have left.

  Background:
    Given an org

  Rule: The scope is asked first, and its absence is told in a header
    @MIS-001 @req:OKTA-SCOPE-PER-OPERATION @must @real:read
    Scenario: The token has the scope
      Given the client asks for "okta.groups.read"
      When the client reads groups
      Then the org answered the call with 200
      And the caller received everything that the org sent, each once

    @MIS-002 @req:OKTA-INSUFFICIENT-SCOPE @must @control:MIS-001 @real:read
    Scenario: The token lacks the scope
      Given the client asks for "okta.users.read"
      When the client reads groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

    @MIS-003 @req:OKTA-INSUFFICIENT-SCOPE @must @control:MIS-001 @real:read
    Scenario: Neither a repetition nor a new token would help
      Given the client asks for "okta.users.read"
      When the client reads groups
      Then the org saw that call once
      And the org saw 1 token request in all
      And the caller was told so

    @MIS-004 @req:OKTA-INSUFFICIENT-SCOPE @must @cap:list_all @control:PAGE-002
    Scenario: A refused list is not an empty list
      Given the client asks for "okta.users.read"
      When the client lists all groups
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.groups.read
      And the caller was told so

    @MIS-005 @req:OKTA-INSUFFICIENT-SCOPE @must @control:MIS-001
    Scenario: The org would have refused for want of a role as well
      Given the app has no admin role
      And the client asks for "okta.users.read"
      When the client reads policies
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.policies.read
      And the caller was told so

  Rule: Manage includes read, and read does not include manage
    @MIS-006 @req:OKTA-MANAGE-INCLUDES-READ @must
    Scenario: A token to manage users reads them
      Given the app is granted "okta.users.manage"
      And the client asks for "okta.users.manage"
      When the client reads users
      Then the org answered the call with 200
      And the caller received 6 users

    @MIS-007 @req:OKTA-MANAGE-INCLUDES-READ @must @control:MIS-006
    Scenario: A token to read users creates none
      Given the client asks for "okta.users.read"
      When the client creates a user
      Then the org refused the call with 403, an empty body and a challenge for the scope okta.users.manage
      And the caller was told so
