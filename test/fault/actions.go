package fault

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"tandem/test/fault/plan"
	"tandem/test/fault/wire"
)

// aimFor is how long a kill waits for the call that it aims at.
const aimFor = 5 * time.Second

// act does everything of the plan at its time, and returns when all is undone.
func (r *run) act(ctx context.Context, actions []plan.Action) {
	var doing sync.WaitGroup
	for _, a := range actions {
		sleep(ctx, time.Until(r.began.Add(a.At)))
		if ctx.Err() != nil {
			break
		}
		doing.Go(func() { r.do(ctx, a) })
	}
	doing.Wait()
}

func (r *run) do(ctx context.Context, a plan.Action) {
	switch a.Kind {
	case plan.KillWorker:
		u := r.units[a.Target]
		r.kill(ctx, a, u.link, func() bool { return u.strike(syscall.SIGKILL, 137) })
	case plan.KillAPI:
		r.kill(ctx, a, r.apis[a.Target].link, r.apis[a.Target].kill)
	case plan.KillSweeper:
		// A sweep is short: one is begun for the kill to hit.
		go r.sweepOnce(ctx)
		sleep(ctx, a.For)
		r.kill(ctx, a, r.sweepers.link, r.sweepers.kill)
	case plan.Terminate:
		r.terminate(ctx, r.units[a.Target], string(a.Kind))
	case plan.Pause, plan.Hiccup:
		r.pause(ctx, r.units[a.Target], a)
	case plan.Hold:
		r.hold(ctx, r.units[a.Target], a)
	case plan.KillContainer:
		if r.units[a.Target].model.Signal(syscall.SIGKILL) {
			r.counts.add(string(a.Kind), 1)
		}
	case plan.Mute:
		r.mute(ctx, r.units[a.Target], a)
	case plan.Cut, plan.Poison, plan.Cast:
		r.disturb(ctx, a)
	}
}

// kill waits for the call that is aimed at, or until that takes too long, and
// for the process to run.
func (r *run) kill(ctx context.Context, a plan.Action, link *wire.Link, strike func() bool) {
	name := string(a.Kind)
	if a.Aim != "" {
		sprung := make(chan bool, 1)
		disarm := link.Set(wire.Trap{Does: a.Aim, After: a.After, Spring: func() { sprung <- strike() }})
		select {
		case hit := <-sprung:
			if hit {
				r.counts.add(name, 1)
				r.counts.add("kills", 1)
				r.counts.add(fmt.Sprintf("kills right %s a %s", map[bool]string{true: "after", false: "before"}[a.After], a.Aim), 1)
				return
			}
		case <-time.After(aimFor):
			if !disarm() {
				<-sprung
			}
		case <-ctx.Done():
			disarm()
			return
		}
	}
	for !strike() {
		sleep(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
	}
	r.counts.add(name, 1)
	r.counts.add("kills", 1)
}

// terminate tells a worker to end and holds it to the limit.
func (r *run) terminate(ctx context.Context, u *unit, name string) {
	defer u.ill()() // it takes no work until it has been started again, which is an ill of its own
	done := u.worker.Done()
	if !u.strike(syscall.SIGTERM, 0) {
		return
	}
	r.counts.add(name, 1)
	began := time.Now()
	select {
	case <-done:
		r.counts.add("workers that ended after SIGTERM, or were killed meanwhile", 1)
	case <-time.After(terminateLimit):
		r.monitor.Violated("%s did not end within %v of SIGTERM at %s", u.name(), terminateLimit, r.since(began))
		u.strike(syscall.SIGKILL, 137)
	case <-ctx.Done():
	}
}

// pause stops a worker for a while, as a machine does that is moved or swaps.
func (r *run) pause(ctx context.Context, u *unit, a plan.Action) {
	well := u.ill()
	if u.worker.Signal(syscall.SIGSTOP) {
		r.counts.add(string(a.Kind), 1)
	}
	sleep(ctx, a.For)
	u.worker.Signal(syscall.SIGCONT)
	time.AfterFunc(afterWire, well)
}

// hold keeps a call of a worker on its way until its lease has ended.
func (r *run) hold(ctx context.Context, u *unit, a plan.Action) {
	well := u.ill()
	defer time.AfterFunc(a.For+afterWire, well)
	caught := make(chan struct{})
	disarm := u.link.Set(wire.Trap{Does: a.Aim, Hold: a.For, Spring: func() { close(caught) }})
	select {
	case <-caught:
	case <-time.After(4 * aimFor):
		if disarm() {
			return
		}
	case <-ctx.Done():
		return
	}
	r.counts.add(string(a.Kind)+": "+a.Aim, 1)
	if a.Alone {
		u.link.Cut()
		defer func() { r.mend(u.link) }()
	}
	sleep(ctx, a.For)
}

func (r *run) mend(link *wire.Link) {
	if err := link.Mend(); err != nil {
		r.monitor.Violated("the harness broke: %v", err)
	}
}

// mute lets a container no longer answer pings for a while.
func (r *run) mute(ctx context.Context, u *unit, a plan.Action) {
	well := u.ill()
	defer time.AfterFunc(time.Duration(a.Seconds)*time.Second+afterCrash, well)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+u.modelAddress+"/mute?seconds="+strconv.Itoa(a.Seconds), nil)
	if err != nil {
		return
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		r.counts.add(string(a.Kind), 1)
	}
}

// disturb does something to a link for a while.
func (r *run) disturb(ctx context.Context, a plan.Action) {
	link, well := r.target(a.Target)
	defer time.AfterFunc(a.For+afterWire, well)
	switch a.Kind {
	case plan.Cut:
		link.Cut()
		r.counts.add(string(a.Kind), 1)
		sleep(ctx, a.For)
		r.mend(link)
	case plan.Poison:
		remove, err := link.Poison(a.Toxic)
		if err != nil {
			r.monitor.Violated("the harness broke: %v", err)
			return
		}
		r.counts.add(string(a.Kind)+", "+a.Toxic.Type, 1)
		sleep(ctx, a.For)
		remove()
	default:
		end := link.Cast(a.Spell)
		r.counts.add(string(a.Kind)+", "+string(a.Spell.Ill), 1)
		sleep(ctx, a.For)
		end()
	}
}

// target is a link: those of the workers come first, then the APIs' and the sweeper's.
func (r *run) target(number int) (*wire.Link, func()) {
	switch {
	case number < len(r.units):
		return r.units[number].link, r.units[number].ill()
	case number < len(r.units)+len(r.apis):
		return r.apis[number-len(r.units)].link, func() {}
	default:
		return r.sweepers.link, func() {}
	}
}
