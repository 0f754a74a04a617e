package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Refused is the client's own negative result: what the caller of an SDK would see as its error.
type Refused struct {
	// A word of the protocol: http_status, transport, tls, validation, retries_exhausted, config.
	Reason  string
	Message string
	Status  int
	Code    string
}

func (r *Refused) Error() string {
	return r.Message
}

func (r *Refused) reply() Reply {
	said := Reply{"message": r.Message}
	if r.Code != "" {
		said["code"] = r.Code
	}
	reply := Reply{"outcome": "refused", "reason": r.Reason, "error": said}
	if r.Status != 0 {
		reply["status"] = r.Status
	}
	return reply
}

// What the org sent must not be used.
func untrusted(message string) *Refused {
	return &Refused{Reason: "validation", Message: message}
}

// No answer came, or not the whole of it.
func lost(err error) *Refused {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	reason := "transport"
	if errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) {
		reason = "tls"
	}
	return &Refused{Reason: reason, Message: err.Error()}
}

// Answer is a whole answer.
type Answer struct {
	status  int
	headers http.Header
	body    []byte
}

func (a *Answer) json(into any) error {
	kind, _, _ := strings.Cut(a.headers.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return untrusted("the answer is not application/json")
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return untrusted("the answer is not the JSON that was asked for: " + err.Error())
	}
	return nil
}

var parameter = regexp.MustCompile(`(\w+)="([^"]*)"`)

// Okta's error, OAuth's, or what the challenge says when the body is empty.
func (a *Answer) refusal(reason string) *Refused {
	said := map[string]any{}
	if bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("{")) {
		_ = json.Unmarshal(a.body, &said) // not every refusal has a body
	}
	challenge := map[string]string{}
	for _, found := range parameter.FindAllStringSubmatch(a.headers.Get("WWW-Authenticate"), -1) {
		challenge[found[1]] = found[2]
	}
	first := func(okta, oauth string) string {
		for _, value := range []any{said[okta], said[oauth], challenge[oauth]} {
			if text, is := value.(string); is && text != "" {
				return text
			}
		}
		return ""
	}
	code, message := first("errorCode", "error"), first("errorSummary", "error_description")
	return &Refused{Reason: reason, Message: message, Status: a.status, Code: code}
}

// Until the bucket has its requests again. Both times are the org's own: the clock of this machine does not matter.
func (a *Answer) reset() (time.Duration, bool) {
	reset, err := strconv.ParseInt(strings.TrimSpace(a.headers.Get("X-Rate-Limit-Reset")), 10, 64)
	date, wrong := http.ParseTime(a.headers.Get("Date"))
	if err != nil || wrong != nil {
		return 0, false
	}
	wait := reset - date.Unix()
	if wait < 0 {
		wait = 0
	}
	return time.Duration(wait+1) * time.Second, true
}

var (
	link = regexp.MustCompile(`<([^>]*)>((?:[^,"]|"[^"]*")*)`)
	next = regexp.MustCompile(`(?i);\s*rel="?next"?\s*(;|$)`)
)

// The address of the next page, as the org gave it.
func nextPage(lines []string) string {
	for _, line := range lines {
		for _, found := range link.FindAllStringSubmatch(line, -1) {
			if next.MatchString(found[2]) {
				return found[1]
			}
		}
	}
	return ""
}

func origin(address string) string {
	parts, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(parts.Scheme + "://" + parts.Host)
}
