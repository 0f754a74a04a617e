package main

// A person's token: the browser is played without a window.

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"strings"
)

func (c *Client) tokenOf(person *Person) (*Token, error) {
	if c.refreshToken != "" {
		token, err := c.grant(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {c.refreshToken}})
		var refused *Refused
		if err == nil {
			return c.keep(token, "")
		}
		// A user who is given too many tokens is told invalid_grant, too, with 429.
		if !errors.As(err, &refused) || refused.Status != 400 || refused.Code != "invalid_grant" {
			return nil, err
		}
		c.refreshToken = "" // the person has to sign in again
	}
	nonce := ""
	for _, scope := range c.config.Scopes {
		if scope == "openid" {
			nonce = random()
		}
	}
	verifier := random()
	code, err := c.code(person, nonce, verifier)
	if err != nil {
		return nil, err
	}
	token, err := c.grant(url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {person.RedirectURI},
		"code_verifier": {verifier},
	})
	if err != nil {
		return nil, err
	}
	return c.keep(token, nonce)
}

func (c *Client) keep(token *Token, nonce string) (*Token, error) {
	if token.IDToken != "" {
		if err := c.checkIDToken(token.IDToken, nonce); err != nil {
			return nil, err
		}
	} else if nonce != "" {
		return nil, untrusted("the org sent no ID token")
	}
	if token.RefreshToken != "" {
		c.refreshToken = token.RefreshToken
	}
	return token, nil
}

func (c *Client) code(person *Person, nonce, verifier string) (string, error) {
	state := random()
	asked := c.withScope(url.Values{
		"client_id":             {c.config.ClientID},
		"response_type":         {"code"},
		"redirect_uri":          {person.RedirectURI},
		"state":                 {state},
		"code_challenge":        {sha256Of(verifier)},
		"code_challenge_method": {"S256"},
	})
	if nonce != "" {
		asked.Set("nonce", nonce)
	}
	if person.Prompt != "" {
		asked.Set("prompt", person.Prompt)
	}
	if person.Prompt != "none" {
		session, err := c.sessionToken(person)
		if err != nil {
			return "", err
		}
		asked.Set("sessionToken", session)
	}
	answer, err := c.get(c.config.OrgURL + "/oauth2/v1/authorize?" + asked.Encode())
	if err != nil {
		return "", err
	}
	if answer.status >= 400 {
		return "", answer.refusal("http_status")
	}
	target, query, _ := strings.Cut(answer.headers.Get("Location"), "?")
	back, err := url.ParseQuery(query)
	if err != nil || (answer.status != 302 && answer.status != 303) || target != person.RedirectURI {
		return "", untrusted("the org does not send the person back to the client")
	}
	if back.Get("state") != state {
		return "", untrusted("the state of the answer is not that of the request")
	}
	if back.Get("error") != "" {
		message := back.Get("error_description")
		return "", &Refused{Reason: "http_status", Message: message, Code: back.Get("error")}
	}
	if back.Get("code") == "" {
		return "", untrusted("the answer has neither a code nor an error")
	}
	return back.Get("code"), nil
}

func (c *Client) sessionToken(person *Person) (string, error) {
	named, err := json.Marshal(map[string]string{"username": person.Login, "password": person.Password})
	if err != nil {
		return "", err
	}
	answer, err := c.send(false, func() (*http.Request, error) {
		request, err := http.NewRequest("POST", c.config.OrgURL+"/api/v1/authn", bytes.NewReader(named))
		if err == nil {
			request.Header.Set("Content-Type", "application/json")
		}
		return request, err
	})
	if err != nil {
		return "", err
	}
	if answer.status != 200 {
		return "", answer.refusal("http_status")
	}
	var said struct{ Status, SessionToken string }
	if err := answer.json(&said); err != nil {
		return "", err
	}
	if said.Status != "SUCCESS" {
		return "", &Refused{Reason: "validation", Message: "the person cannot sign in", Code: said.Status}
	}
	return said.SessionToken, nil
}

func (c *Client) checkIDToken(token, nonce string) error {
	answer, err := c.get(c.config.OrgURL + "/oauth2/v1/keys")
	if err != nil {
		return err
	}
	if answer.status != 200 {
		return answer.refusal("http_status")
	}
	var published struct{ Keys []struct{ Kid, N, E string } }
	if err := answer.json(&published); err != nil {
		return err
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return untrusted("the ID token is none")
	}
	var header struct{ Alg, Kid string }
	var claims struct {
		Iss, Aud, Nonce string
		Exp             int64
	}
	signature, err := base64url.DecodeString(parts[2])
	if err != nil || unpacked(parts[0], &header) != nil || unpacked(parts[1], &claims) != nil {
		return untrusted("the ID token cannot be read")
	}
	signed := false
	for _, key := range published.Keys {
		n, wrong := base64url.DecodeString(key.N)
		e, bad := base64url.DecodeString(key.E)
		if key.Kid != header.Kid || header.Alg != "RS256" || wrong != nil || bad != nil {
			continue
		}
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		signed = rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) == nil
	}
	switch {
	case !signed:
		return untrusted("the ID token is not signed by the org")
	case claims.Iss != c.config.Issuer:
		return untrusted("iss of the ID token is not the expected one")
	case claims.Aud != c.config.ClientID:
		return untrusted("aud of the ID token is not the expected one")
	case nonce != "" && claims.Nonce != nonce:
		return untrusted("nonce of the ID token is not the expected one")
	case claims.Exp < c.clock.Now().Add(-early).Unix():
		return untrusted("the ID token has expired")
	}
	return nil
}

func unpacked(part string, into any) error {
	text, err := base64url.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
