// Package quickstart reads the users of an Okta org: the code under test.
package quickstart

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Directory is an org, and a token for it.
type Directory struct {
	HTTP  *http.Client
	Org   string
	token string
}

// BySecret signs in as an API service integration of the OIN: client id and secret, by HTTP Basic.
func (d *Directory) BySecret(id, secret string) error {
	return d.fetchToken(url.Values{}, func(request *http.Request) { request.SetBasicAuth(id, secret) })
}

// ByKey signs in as a service app: an assertion that its private key signs. The audience is the token endpoint as it
// is called.
func (d *Directory) ByKey(id, kid string, key []byte) error {
	block, _ := pem.Decode(key)
	if block == nil {
		return errors.New("the private key is no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return err
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return errors.New("the private key is no RSA key")
	}
	jti := make([]byte, 16)
	if _, err := rand.Read(jti); err != nil {
		return err
	}
	now := time.Now().Unix()
	header, err := json.Marshal(map[string]any{"alg": "RS256", "kid": kid})
	if err != nil {
		return err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": id, "sub": id, "aud": d.Org + "/oauth2/v1/token", "iat": now, "exp": now + 300, "jti": hex.EncodeToString(jti),
	})
	if err != nil {
		return err
	}
	base64url := base64.RawURLEncoding
	signed := base64url.EncodeToString(header) + "." + base64url.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	if err != nil {
		return err
	}
	return d.fetchToken(url.Values{
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {signed + "." + base64url.EncodeToString(signature)},
	}, func(*http.Request) {})
}

func (d *Directory) fetchToken(form url.Values, authenticate func(*http.Request)) error {
	form.Set("grant_type", "client_credentials")
	form.Set("scope", "okta.users.read")
	request, err := http.NewRequest("POST", d.Org+"/oauth2/v1/token", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	authenticate(request)
	_, body, err := d.send(request)
	if err != nil {
		return err
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &token); err != nil {
		return err
	}
	d.token = token.AccessToken
	return nil
}

var next = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// Users reads the ids of all users, page by page, as the next links lead.
func (d *Directory) Users() ([]string, error) {
	ids := []string{}
	for address := d.Org + "/api/v1/users?limit=100"; address != ""; {
		request, err := http.NewRequest("GET", address, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+d.token)
		header, body, err := d.send(request)
		if err != nil {
			return nil, err
		}
		var users []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &users); err != nil {
			return nil, err
		}
		for _, user := range users {
			ids = append(ids, user.ID)
		}
		// Two Link lines come: self and next.
		address = ""
		for _, link := range header.Values("Link") {
			if found := next.FindStringSubmatch(link); found != nil {
				address = found[1]
			}
		}
	}
	return ids, nil
}

// send waits until the window ends when it is told 429; Okta sends no Retry-After. Only a request without a body is sent again.
func (d *Directory) send(request *http.Request) (http.Header, []byte, error) {
	for {
		response, err := d.HTTP.Do(request)
		if err != nil {
			return nil, nil, err
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return nil, nil, err
		}
		if response.StatusCode == http.StatusTooManyRequests && request.Body == nil {
			reset, err := strconv.ParseInt(response.Header.Get("X-Rate-Limit-Reset"), 10, 64)
			if err != nil {
				return nil, nil, err
			}
			now, err := http.ParseTime(response.Header.Get("Date"))
			if err != nil {
				return nil, nil, err
			}
			time.Sleep(time.Unix(reset, 0).Sub(now) + time.Second)
			continue
		}
		if response.StatusCode/100 != 2 {
			return nil, nil, fmt.Errorf("%s %s: %s %s", request.Method, request.URL.Path, response.Status, body)
		}
		return response.Header, body, nil
	}
}
