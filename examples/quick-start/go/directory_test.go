package quickstart

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
)

func (o *Org) asIntegration(t *testing.T, address string, client *http.Client) *Directory {
	t.Helper()
	directory := &Directory{HTTP: client, Org: address}
	for _, client := range o.Clients {
		if client.Name == "acmesync" {
			if err := directory.BySecret(client.ID, client.Secret); err != nil {
				t.Fatal(err)
			}
		}
	}
	return directory
}

func hasUsers(t *testing.T, directory *Directory, wanted int) {
	t.Helper()
	users, err := directory.Users()
	if err != nil {
		t.Fatal(err)
	}
	if len(users) != wanted {
		t.Fatalf("%d users, not %d", len(users), wanted)
	}
}

func wasSeen(t *testing.T, org *Org, wanted ...int) {
	t.Helper()
	if seen := org.seen(t); !reflect.DeepEqual(seen, wanted) {
		t.Fatalf("the org answered %v, not %v", seen, wanted)
	}
}

func TestAnIntegrationReadsAllPages(t *testing.T) {
	org := newOrg(t)
	hasUsers(t, org.asIntegration(t, org.URL, http.DefaultClient), 250)
	wasSeen(t, org, 200, 200, 200)
}

func TestAServiceAppReadsAllPages(t *testing.T) {
	org := newOrg(t)
	directory := &Directory{HTTP: http.DefaultClient, Org: org.URL}
	for _, client := range org.Clients {
		if client.Name == "service" {
			key, err := os.ReadFile(client.PrivateKeyFile)
			if err != nil {
				t.Fatal(err)
			}
			if err := directory.ByKey(client.ID, client.Kid, key); err != nil {
				t.Fatal(err)
			}
		}
	}
	hasUsers(t, directory, 250)
}

func TestAFailureOfTheOrgIsTold(t *testing.T) {
	org := newOrg(t)
	org.fault(t, map[string]any{"path": "/api/v1/users", "times": 1}, map[string]any{"status": 503})
	if _, err := org.asIntegration(t, org.URL, http.DefaultClient).Users(); err == nil || !strings.Contains(err.Error(), "503") {
		t.Fatalf("no 503 is told: %v", err)
	}
}

func TestARateLimitIsWaitedFor(t *testing.T) {
	org := newOrg(t)
	limited := map[string]any{"rate_limited": map[string]any{"reset_in_seconds": 1}}
	org.fault(t, map[string]any{"path": "/api/v1/users", "nth": 2}, limited)
	hasUsers(t, org.asIntegration(t, org.URL, http.DefaultClient), 250)
	wasSeen(t, org, 200, 429, 200, 200)
}

func TestOverTLS(t *testing.T) {
	org := newOrg(t)
	ca, err := os.ReadFile(org.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("no authority")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	hasUsers(t, org.asIntegration(t, org.TLSURL, &http.Client{Transport: transport}), 250)
}
