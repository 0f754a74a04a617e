package main

import (
	"sync"
	"time"
)

// Clock is the client's own. The suite may move it: then who waits goes on from the new time.
type Clock struct {
	guard sync.Mutex
	ahead time.Duration
	moved chan struct{}
}

// NewClock makes one that agrees with the machine's.
func NewClock() *Clock {
	return &Clock{moved: make(chan struct{})}
}

// Now is the client's time.
func (c *Clock) Now() time.Time {
	return time.Now().Add(c.Mark())
}

// Advance moves it forward.
func (c *Clock) Advance(by time.Duration) {
	c.guard.Lock()
	defer c.guard.Unlock()
	c.ahead += by
	close(c.moved)
	c.moved = make(chan struct{})
}

// Mark tells how far it was moved so far.
func (c *Clock) Mark() time.Duration {
	c.guard.Lock()
	defer c.guard.Unlock()
	return c.ahead
}

// Sleep waits; what the clock was moved since mark counts as waited already.
func (c *Clock) Sleep(wait, mark time.Duration) {
	until := time.Now().Add(mark + wait)
	for {
		c.guard.Lock()
		left, moved := time.Until(until)-c.ahead, c.moved
		c.guard.Unlock()
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-moved:
		}
		timer.Stop()
	}
}
