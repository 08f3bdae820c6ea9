package act

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// renewEvery is how often a place is renewed, well within its lease.
	renewEvery = time.Minute
	// markEvery is how often a group is told again that has not replaced the instance.
	markEvery = 10 * time.Minute
)

// recover reads from AWS where an agent before this one has stopped.
func (a *Actor) recover(ctx context.Context) error {
	if err := a.look(ctx); err != nil {
		return err
	}
	ours := a.options.Memory.Phase != ""
	if a.instance.Draining && !ours && a.options.Places != nil {
		err := a.call(ctx, "place", func(ctx context.Context) (err error) {
			ours, err = a.options.Places.Held(ctx, a.instance.ARN)
			return err
		})
		if err != nil {
			return err
		}
	}
	if a.recovered = true; a.instance.Draining && ours {
		a.options.Log.Warn("going on with a drain that was under way", "instance", a.instance.ID, "since", a.options.Memory.Since)
		a.enter(Draining, a.options.Memory.Reason)
		if since := a.options.Memory.Since; !since.IsZero() {
			a.since = since
		}
	}
	return nil
}

func (a *Actor) look(ctx context.Context) error {
	return a.call(ctx, "look", func(ctx context.Context) error {
		instance, err := a.options.Cluster.Instance(ctx)
		if err == nil {
			a.instance = instance
		}
		return err
	})
}

// begin drains the host if the breaker lets it.
func (a *Actor) begin(ctx context.Context, wish wish) error {
	if left := a.cooledBy.Sub(a.options.Now()); left > 0 {
		a.block(wish.reason, fmt.Sprintf("a drain was taken back; the next may begin in %s", left.Round(time.Second)))
		return nil
	}
	if wish.kind == rebalance {
		spare, err := a.spare(ctx)
		if err != nil {
			return err
		}
		if !spare {
			a.block(wish.reason, "the controller has no spare capacity")
			return nil
		}
	}
	if !a.itsTurn(wish) {
		return nil
	}
	if err := a.look(ctx); err != nil {
		return err
	}
	why, err := a.admitted(ctx, false)
	if err != nil {
		return err
	}
	if why != "" {
		a.block(wish.reason, why)
		return nil
	}
	if err := a.call(ctx, "drain", a.options.Cluster.Drain); err != nil {
		// Whether it took effect is seen next time; the place is kept until then.
		return err
	}
	a.enter(Draining, wish.reason)
	return a.stillAdmitted(ctx)
}

// itsTurn spreads agents that can only count each other: of those which begin at
// the same moment all but a few would have to come back, and their tasks with
// them.
func (a *Actor) itsTurn(wish wish) bool {
	if a.options.Places != nil {
		return true
	}
	now := a.options.Now()
	if a.turn.IsZero() {
		a.turn = now.Add(time.Duration(a.options.Jitter() * float64(slow)))
	}
	if now.Before(a.turn) {
		a.block(wish.reason, "waits for its turn, so that not all agents count at the same moment")
		return false
	}
	return true
}

func (a *Actor) spare(ctx context.Context) (spare bool, err error) {
	if a.options.Spare == nil {
		return false, nil
	}
	err = a.call(ctx, "spare", func(ctx context.Context) (err error) {
		spare, err = a.options.Spare.Spare(ctx)
		return err
	})
	return spare, err
}

// admitted asks the breaker; it says why not.
func (a *Actor) admitted(ctx context.Context, draining bool) (why string, err error) {
	var census Census
	err = a.call(ctx, "census", func(ctx context.Context) (err error) {
		census, err = a.options.Cluster.Census(ctx)
		return err
	})
	if err != nil {
		return "", err
	}
	places := Limit(census.Instances, a.options.Share)
	if a.options.Places != nil {
		taken := false
		err = a.call(ctx, "place", func(ctx context.Context) (err error) {
			taken, err = a.options.Places.Take(ctx, a.instance.ARN, places)
			return err
		})
		if err == nil && !taken {
			why = fmt.Sprintf("all %d places of the breaker are taken", places)
		}
		a.renewed = a.options.Now()
		return why, err
	}
	return a.counted(census, places, draining), nil
}

// counted is the breaker without a table: the first by ARN may drain. Who is
// behind them has to come back, so that agents which begin at the same moment
// agree without a word.
func (a *Actor) counted(census Census, places int, draining bool) (why string) {
	a.renewed = a.options.Now()
	others := slices.DeleteFunc(slices.Sorted(slices.Values(census.Draining)), func(arn string) bool { return arn == a.instance.ARN })
	before := others
	if draining {
		before = slices.DeleteFunc(slices.Clone(others), func(arn string) bool { return arn > a.instance.ARN })
	}
	if len(before) >= places {
		return fmt.Sprintf("%d of at most %d instances are draining", len(others), places)
	}
	return ""
}

// Limit is how many instances of a cluster may be drained at a time.
func Limit(instances int, share float64) int {
	// The product of 0.2 and 5 is a little over 1 for some shares, and under for others.
	return max(1, int(share*float64(instances)+1e-9))
}

// stillAdmitted renews the place and backs out if it is lost.
func (a *Actor) stillAdmitted(ctx context.Context) error {
	why, err := a.admitted(ctx, true)
	if err != nil {
		// A drain that is under way is not stopped for a table that does not answer.
		a.options.Log.Error("acting failed", "doing", "renewing the place", "error", err.Error())
		return nil
	}
	if why == "" {
		return nil
	}
	reason := a.reason
	if err := a.call(ctx, "activate", a.options.Cluster.Activate); err != nil {
		return err
	}
	a.block(reason, why)
	return nil
}

// drain waits for the tasks to leave.
func (a *Actor) drain(ctx context.Context) error {
	if err := a.look(ctx); err != nil {
		return err
	}
	if !a.instance.Draining {
		// Somebody took it back, or the call never arrived.
		a.enter(Waiting, a.reason)
		return nil
	}
	// Those that count each other have to see at first who else has begun.
	counting := a.options.Places == nil && a.options.Now().Sub(a.since) < 2*renewEvery
	if counting || a.options.Now().Sub(a.renewed) >= renewEvery {
		if err := a.stillAdmitted(ctx); err != nil || a.phase != Draining {
			return err
		}
	}
	if a.instance.Tasks > a.options.OwnTasks && a.options.Now().Sub(a.since) < a.options.DrainLimit {
		return nil
	}
	if err := a.mark(ctx); err != nil {
		return err
	}
	a.enter(Replacing, a.reason)
	return nil
}

// mark has the group replace the instance.
func (a *Actor) mark(ctx context.Context) error {
	err := a.call(ctx, "unhealthy", func(ctx context.Context) error {
		return a.options.Group.SetUnhealthy(ctx, a.instance.ID)
	})
	if err == nil {
		a.marked = a.options.Now()
	}
	return err
}

// replace keeps the place until the instance is gone, and reminds its group.
func (a *Actor) replace(ctx context.Context) error {
	now := a.options.Now()
	if a.options.Places != nil && now.Sub(a.renewed) >= renewEvery {
		if _, err := a.admitted(ctx, true); err != nil {
			return err
		}
	}
	if now.Sub(a.marked) >= markEvery {
		return a.mark(ctx)
	}
	return nil
}

// undo takes a drain back whose cause has gone. An instance that its group has
// been told to replace will be.
func (a *Actor) undo(ctx context.Context) error {
	switch a.phase {
	case Watching:
		return nil
	case Replacing:
		return a.replace(ctx)
	case Draining:
		if err := a.call(ctx, "activate", a.options.Cluster.Activate); err != nil {
			return err
		}
		a.cooledBy = a.options.Now().Add(a.options.Cooldown)
	}
	a.turn = time.Time{}
	if a.options.Places != nil {
		// A place that cannot be given back runs out.
		_ = a.call(ctx, "place", func(ctx context.Context) error { return a.options.Places.Leave(ctx, a.instance.ARN) })
	}
	a.enter(Watching, "")
	return nil
}
