package quickstart

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The control API of the running program.
var control string

// TestMain starts one twin for all tests.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "quick-start")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	program := os.Getenv("ORGTWIN")
	if program == "" {
		program = "orgtwin"
	}
	readyFile := filepath.Join(folder, "ready.json")
	twin := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--ready-file", readyFile)
	twin.Stderr = os.Stderr
	if err := twin.Start(); err != nil {
		panic(err)
	}
	defer func() {
		twin.Process.Kill()
		twin.Wait()
	}()
	var text []byte
	// The file appears whole, once the twin listens.
	for tries := 0; ; tries++ {
		if text, err = os.ReadFile(readyFile); err == nil {
			break
		}
		if tries == 500 {
			panic("the twin does not listen")
		}
		time.Sleep(20 * time.Millisecond)
	}
	var ready Org
	if err := json.Unmarshal(text, &ready); err != nil {
		panic(err)
	}
	control = ready.ControlURL
	return m.Run()
}

// Org is an org, and what a test does to it.
type Org struct {
	Name       string `json:"name"`
	URL        string `json:"base_url"`
	TLSURL     string `json:"tls_base_url"`
	CAFile     string `json:"ca_file"`
	ControlURL string `json:"control_url"`
	Clients    []struct {
		Name           string `json:"name"`
		ID             string `json:"client_id"`
		Secret         string `json:"client_secret"`
		PrivateKeyFile string `json:"private_key_file"`
		Kid            string `json:"kid"`
	} `json:"clients"`
}

// newOrg makes an org of its own for a test.
func newOrg(t *testing.T) *Org {
	t.Helper()
	org := &Org{}
	call(t, "POST", control+"/orgs", map[string]any{"tls": true}, org)
	t.Cleanup(func() { call(t, "DELETE", control+"/orgs/"+org.Name, nil, nil) })
	return org
}

// fault lets the next requests that match go wrong (docs/faults.md).
func (o *Org) fault(t *testing.T, match, fault map[string]any) {
	t.Helper()
	call(t, "POST", o.ControlURL+"/orgs/"+o.Name+"/faults", map[string]any{"match": match, "fault": fault}, nil)
}

// seen has the statuses of what the org was asked about users, in order.
func (o *Org) seen(t *testing.T) []int {
	t.Helper()
	var ledger []struct {
		Response struct {
			Status int `json:"status"`
		} `json:"response"`
	}
	call(t, "GET", o.ControlURL+"/orgs/"+o.Name+"/ledger?path=/api/v1/users", nil, &ledger)
	statuses := []int{}
	for _, exchange := range ledger {
		statuses = append(statuses, exchange.Response.Status)
	}
	return statuses
}

func call(t *testing.T, method, address string, body map[string]any, answer any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s", method, address, response.Status)
	}
	if answer != nil {
		if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
			t.Fatal(err)
		}
	}
}
