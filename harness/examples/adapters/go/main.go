// An orgtwin adapter in Go: no packages. This file is the loop of the protocol, one JSON request a line on standard
// input, one JSON reply a line on standard output. The client that it drives is in client.go: that is what you replace.
//
//	go build -o adapter .
//	orgtwin client lint stdio -- ./adapter
//	orgtwin test --client stdio -- ./adapter
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// What the client can do: what is declared is tested.
var capabilities = []string{
	"auth.private_key_jwt", "auth.client_secret_basic", "auth.none", "auth.ssws", "alg.ES256",
	"grant.authorization_code", "dpop", "list_all", "forget_token", "clock.inject",
}

// Request is one line of the suite's.
type Request struct {
	ID     json.RawMessage `json:"id"`
	Op     string          `json:"op"`
	Client *Config         `json:"client"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
	Key    string          `json:"key"`
	Ms     int64           `json:"ms"`
}

// Reply is one line of the adapter's.
type Reply map[string]any

var out sync.Mutex

// One line, with the id of the request; standard output is not buffered.
func say(request Request, reply Reply) {
	whole := Reply{"id": request.ID}
	for name, value := range reply {
		whole[name] = value
	}
	line, err := json.Marshal(whole)
	if err != nil {
		line, _ = json.Marshal(Reply{"id": request.ID, "outcome": "error", "message": err.Error()})
	}
	out.Lock()
	defer out.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

type adapter struct {
	clock  *Clock
	client *Client
}

func (a *adapter) perform(request Request) (Reply, error) {
	switch request.Op {
	case "hello":
		identity := Reply{"name": "go-adapter", "version": "1", "language": runtime.Version()}
		return Reply{"protocol": 1, "client": identity, "capabilities": capabilities}, nil
	case "configure":
		if request.Client == nil {
			return nil, errors.New("configure names no client")
		}
		client, err := NewClient(*request.Client, a.clock)
		if err != nil {
			return nil, err
		}
		a.client = client
		return Reply{"outcome": "ok"}, nil
	case "bye":
		return Reply{"outcome": "ok"}, nil
	case "get_token", "call", "list_all", "forget_token":
		if a.client == nil {
			return nil, &Refused{Reason: "config", Message: "not configured yet"}
		}
	default:
		return Reply{"outcome": "unsupported"}, nil
	}
	switch request.Op {
	case "get_token":
		token, err := a.client.Token()
		if err != nil {
			return nil, err
		}
		left := int64(token.until.Sub(a.clock.Now()).Seconds())
		scope := append([]string{}, strings.Fields(token.Scope)...)
		return Reply{"outcome": "ok", "token_type": token.Type, "expires_in": left, "scope": scope}, nil
	case "call":
		answer, err := a.client.Call(request.Method, a.client.config.OrgURL+request.Path, request.Body)
		if err != nil {
			return nil, err
		}
		reply := Reply{"outcome": "ok", "status": answer.status}
		if len(answer.body) > 0 {
			var body json.RawMessage
			if err := answer.json(&body); err != nil {
				return nil, err
			}
			reply["body"] = body
		}
		return reply, nil
	case "list_all":
		values, err := a.client.ListAll(request.Path, request.Key)
		if err != nil {
			return nil, err
		}
		return Reply{"outcome": "ok", "count": len(values), "values": values}, nil
	default:
		a.client.ForgetToken()
		return Reply{"outcome": "ok"}, nil
	}
}

func (a *adapter) answer(request Request) (reply Reply) {
	// A defect of this adapter is never a verdict on the client.
	defer func() {
		if broken := recover(); broken != nil {
			reply = Reply{"outcome": "error", "message": fmt.Sprint(broken)}
		}
	}()
	reply, err := a.perform(request)
	var refused *Refused
	switch {
	case err == nil:
		return reply
	case errors.As(err, &refused):
		return refused.reply()
	default:
		return Reply{"outcome": "error", "message": err.Error()}
	}
}

func main() {
	a := &adapter{clock: NewClock()}
	requests := make(chan Request, 16)
	// The clock is moved at once: an op may be waiting for it.
	go func() {
		defer close(requests)
		lines := bufio.NewReader(os.Stdin)
		for {
			line, err := lines.ReadBytes('\n')
			var request Request
			if json.Unmarshal(line, &request) == nil && request.Op == "advance_clock" {
				a.clock.Advance(time.Duration(request.Ms) * time.Millisecond)
				say(request, Reply{"outcome": "ok"})
			} else if request.Op != "" {
				requests <- request
			}
			if err != nil {
				return
			}
		}
	}()
	for request := range requests {
		say(request, a.answer(request))
		if request.Op == "bye" {
			return
		}
	}
}
