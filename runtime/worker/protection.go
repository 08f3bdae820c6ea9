package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"tandem/runtime/worker/ecstask"
)

const (
	// protectAgain is the rest of a protection below which it is renewed.
	protectAgain = ecstask.ProtectFor / 2
	// unprotectAfter is how long an idle task stays protected: short jobs in a row
	// shall not be a call each.
	unprotectAfter = time.Minute
)

// protection holds task protection while there are attempts.
type protection struct {
	protector Protector
	log       *slog.Logger
	mutex     sync.Mutex
	users     int
	until     time.Time
	idle      *time.Timer
	hurried   bool
}

// enter protects the task for one more attempt. With ErrDeploymentBlocked
// there must be none; after any other error there may, and leave is called.
func (p *protection) enter(ctx context.Context) error {
	if p.protector == nil {
		return nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	err := p.protect(ctx)
	if errors.Is(err, ecstask.ErrDeploymentBlocked) {
		return err
	}
	p.users++
	return err
}

func (p *protection) protect(ctx context.Context) error {
	if time.Until(p.until) > protectAgain {
		return nil
	}
	asked := time.Now()
	if err := p.protector.Protect(ctx); err != nil {
		return err
	}
	p.until = asked.Add(ecstask.ProtectFor)
	return nil
}

// leave ends an attempt; the last one to leave lets go after a while.
func (p *protection) leave() {
	if p.protector == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.users--
	p.letGo()
}

func (p *protection) letGo() {
	if p.idle != nil {
		p.idle.Stop()
	}
	if p.users > 0 || p.until.IsZero() {
		return
	}
	after := unprotectAfter
	if p.hurried {
		after = 0
	}
	p.idle = time.AfterFunc(after, p.unprotect)
}

// hurry lets go as soon as the last attempt ends: a deployment waits for it.
func (p *protection) hurry() {
	if p.protector == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.hurried = true
	p.letGo()
}

func (p *protection) unprotect() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.users > 0 || p.until.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	if err := p.protector.Unprotect(ctx); err != nil {
		p.log.Warn("giving task protection back failed; it ends by itself", "error", err)
		return
	}
	p.until = time.Time{}
}

// keep renews the protection of a busy task.
func (p *protection) keep(ctx context.Context) error {
	if p.protector == nil {
		return nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.users == 0 {
		return nil
	}
	return p.protect(ctx)
}

// close gives the protection back at once.
func (p *protection) close() {
	if p.protector == nil {
		return
	}
	p.mutex.Lock()
	if p.idle != nil {
		p.idle.Stop()
	}
	p.mutex.Unlock()
	p.unprotect()
}
