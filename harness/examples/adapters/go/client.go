package main

// A whole little Okta client: tokens, calls, pages, rate limits. To test yours, call it from Token, Call and ListAll,
// and throw away the rest.

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// At one request that is rate limited, or that an ill org answers.
	attempts = 4
	// Of one wait; an org that asks for more is reported to the caller.
	longest = 2 * time.Hour
	// Before its end a token is replaced.
	early = time.Minute
)

// Config is what the suite says of the org.
type Config struct {
	OrgURL   string `json:"org_url"`
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	Auth     struct {
		Method        string `json:"method"`
		PrivateKeyPEM string `json:"private_key_pem"`
		Kid           string `json:"kid"`
		Alg           string `json:"alg"`
		ClientSecret  string `json:"client_secret"`
		APIToken      string `json:"api_token"`
	} `json:"auth"`
	Scopes []string `json:"scopes"`
	DPoP   bool     `json:"dpop"`
	CAPEM  string   `json:"ca_pem"`
	Proxy  string   `json:"proxy"`
	SignIn *Person  `json:"sign_in"`
}

// Person is who is signed in, when the client acts for a person.
type Person struct {
	RedirectURI string `json:"redirect_uri"`
	Login       string `json:"login"`
	Password    string `json:"password"`
	Prompt      string `json:"prompt"`
}

// Token is an answer of the token endpoint.
type Token struct {
	Value        string `json:"access_token"`
	Type         string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	Scope        string `json:"scope"`
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
	until        time.Time
}

// Client is the client of one org.
type Client struct {
	config       Config
	clock        *Clock
	http         *http.Client
	key          *Signer
	proofs       *Signer
	nonce        string
	cached       *Token
	refreshToken string
}

// NewClient takes note of the org; no request is made.
func NewClient(config Config, clock *Clock) (*Client, error) {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		// A connection that is used once: Go repeats a request by itself when the org closes a used one.
		DisableKeepAlives: true,
	}
	if config.CAPEM != "" {
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM([]byte(config.CAPEM)) {
			return nil, &Refused{Reason: "config", Message: "ca_pem holds no certificate"}
		}
	}
	if config.Proxy != "" {
		address, err := url.Parse(config.Proxy)
		if err != nil {
			return nil, &Refused{Reason: "config", Message: err.Error()}
		}
		transport.Proxy = http.ProxyURL(address)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{config: config, clock: clock}
	c.http = &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: stay}
	var err error
	if config.Auth.Method == "private_key_jwt" {
		if c.key, err = ReadSigner(config.Auth.PrivateKeyPEM, config.Auth.Alg); err != nil {
			return nil, err
		}
	}
	if config.DPoP {
		if c.proofs, err = NewSigner(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill. A write that
// is not repeatable is only repeated when the org says that it did nothing (503): nobody knows what became of a lost one.
func (c *Client) send(repeatable bool, make func() (*http.Request, error)) (*Answer, error) {
	for attempt := 1; ; attempt++ {
		request, err := make()
		if err != nil {
			return nil, err
		}
		request.Header.Set("User-Agent", "orgtwin-go-adapter/1")
		request.Header.Set("Accept", "application/json")
		last, mark := attempt == attempts, c.clock.Mark()
		answer, err := c.exchange(request)
		if err != nil {
			if refused := lost(err); last || !repeatable || refused.Reason == "tls" {
				return nil, refused
			}
			time.Sleep(50 * time.Millisecond << attempt)
			continue
		}
		switch answer.status {
		case 500, 502, 503, 504:
			if last || (!repeatable && answer.status != 503) {
				return answer, nil
			}
			time.Sleep(50 * time.Millisecond << attempt)
		case 429:
			wait, known := answer.reset()
			if last || !known || wait > longest {
				return nil, answer.refusal("retries_exhausted")
			}
			c.clock.Sleep(wait, mark)
		default:
			return answer, nil
		}
	}
}

func (c *Client) exchange(request *http.Request) (*Answer, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &Answer{response.StatusCode, response.Header, body}, err
}

func (c *Client) get(address string) (*Answer, error) {
	return c.send(true, func() (*http.Request, error) { return http.NewRequest("GET", address, nil) })
}

// Token returns the access token: from the cache, or from the org.
func (c *Client) Token() (*Token, error) {
	if c.cached != nil && c.clock.Now().Before(c.cached.until.Add(-early)) {
		return c.cached, nil
	}
	if c.config.Auth.Method == "ssws" {
		message := "an API token is no OAuth client: there is no token to get"
		return nil, &Refused{Reason: "config", Message: message}
	}
	asked := c.clock.Now()
	var token *Token
	var err error
	if c.config.SignIn != nil {
		token, err = c.tokenOf(c.config.SignIn)
	} else {
		token, err = c.grant(c.withScope(url.Values{"grant_type": {"client_credentials"}}))
	}
	if err != nil {
		return nil, err
	}
	bound := strings.EqualFold(token.Type, "dpop")
	if !strings.EqualFold(token.Type, "bearer") && !(bound && c.proofs != nil) {
		return nil, untrusted("a token of the type " + token.Type + " was not asked for")
	}
	token.until = asked.Add(time.Duration(token.ExpiresIn) * time.Second)
	c.cached = token
	return token, nil
}

// ForgetToken drops the token, not the person's session.
func (c *Client) ForgetToken() {
	c.cached = nil
}

func (c *Client) withScope(form url.Values) url.Values {
	if len(c.config.Scopes) > 0 {
		form.Set("scope", strings.Join(c.config.Scopes, " "))
	}
	return form
}

// A grant at the token endpoint, with the client's credentials, and again with the nonce if the org asks for one.
func (c *Client) grant(form url.Values) (*Token, error) {
	// A code is used up by the request whose answer is lost; assertion and proof are made anew for each.
	repeatable := form.Get("grant_type") == "client_credentials"
	for last := false; ; last = true {
		answer, err := c.send(repeatable, func() (*http.Request, error) { return c.tokenRequest(form) })
		if err != nil {
			return nil, err
		}
		nonce := answer.headers.Get("DPoP-Nonce")
		given := nonce != "" && c.proofs != nil
		if given {
			c.nonce = nonce
		}
		if answer.status == 200 {
			token := &Token{}
			return token, answer.json(token)
		}
		refused := answer.refusal("http_status")
		if last || !given || refused.Code != "use_dpop_nonce" {
			return nil, refused
		}
	}
}

func (c *Client) tokenRequest(form url.Values) (*http.Request, error) {
	address, id, now := c.config.OrgURL+"/oauth2/v1/token", c.config.ClientID, c.clock.Now().Unix()
	fields := url.Values{}
	for name, value := range form {
		fields[name] = value
	}
	if c.config.Auth.Method == "none" {
		fields.Set("client_id", id)
	}
	if c.key != nil {
		header := map[string]any{"alg": c.key.alg, "typ": "JWT"}
		if c.config.Auth.Kid != "" {
			header["kid"] = c.config.Auth.Kid
		}
		claims := map[string]any{"iss": id, "sub": id, "aud": address, "iat": now, "exp": now + 300, "jti": random()}
		assertion, err := c.key.JWT(header, claims)
		if err != nil {
			return nil, err
		}
		fields.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		fields.Set("client_assertion", assertion)
	}
	request, err := http.NewRequest("POST", address, strings.NewReader(fields.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.config.Auth.Method == "client_secret_basic" {
		// As a form has them: id and secret are encoded before they are joined (RFC 6749 2.3.1).
		request.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(c.config.Auth.ClientSecret))
	}
	if c.proofs != nil {
		err = c.prove(request, now, map[string]any{"nonce": c.nonce})
	}
	return request, err
}

// A proof for one request (RFC 9449): with the nonce for the token endpoint, with the token's digest for the API.
func (c *Client) prove(request *http.Request, now int64, more map[string]any) error {
	address, _, _ := strings.Cut(request.URL.String(), "?")
	claims := map[string]any{"htm": request.Method, "htu": address, "iat": now, "jti": random()}
	for name, value := range more {
		if value != "" {
			claims[name] = value
		}
	}
	proof, err := c.proofs.JWT(map[string]any{"alg": c.proofs.alg, "typ": "dpop+jwt", "jwk": c.proofs.JWK()}, claims)
	request.Header["DPoP"] = []string{proof}
	return err
}

// Call makes an authenticated call; a token that is no longer accepted is replaced once.
func (c *Client) Call(method, address string, body []byte) (*Answer, error) {
	apiToken := c.config.Auth.Method == "ssws"
	if string(body) == "null" {
		body = nil
	}
	for last := apiToken; ; last = true {
		token := &Token{Type: "SSWS", Value: c.config.Auth.APIToken}
		if !apiToken {
			var err error
			if token, err = c.Token(); err != nil {
				return nil, err
			}
		}
		answer, err := c.send(method == "GET" || method == "HEAD", func() (*http.Request, error) {
			var content io.Reader
			if body != nil {
				content = bytes.NewReader(body)
			}
			request, err := http.NewRequest(method, address, content)
			if err != nil {
				return nil, err
			}
			if body != nil {
				request.Header.Set("Content-Type", "application/json")
			}
			request.Header.Set("Authorization", token.Type+" "+token.Value)
			if strings.EqualFold(token.Type, "dpop") {
				err = c.prove(request, c.clock.Now().Unix(), map[string]any{"ath": sha256Of(token.Value)})
			}
			return request, err
		})
		if err != nil {
			return nil, err
		}
		if answer.status >= 200 && answer.status < 300 {
			return answer, nil
		}
		if answer.status != 401 || last {
			return nil, answer.refusal("http_status")
		}
		c.cached = nil
	}
}

// ListAll reads a member of each element of a whole collection, through all of its pages.
func (c *Client) ListAll(path, key string) ([]json.RawMessage, error) {
	values, seen := []json.RawMessage{}, map[string]bool{}
	for address := c.config.OrgURL + path; address != ""; {
		if seen[address] {
			return nil, untrusted("the org handed out a page that was read already")
		}
		if origin(address) != origin(c.config.OrgURL) {
			return nil, untrusted("the next page is at another origin")
		}
		seen[address] = true
		answer, err := c.Call("GET", address, nil)
		if err != nil {
			return nil, err
		}
		page := []map[string]json.RawMessage{}
		if err := answer.json(&page); err != nil {
			return nil, err
		}
		for _, element := range page {
			values = append(values, element[key])
		}
		address = nextPage(answer.headers.Values("Link"))
	}
	return values, nil
}
