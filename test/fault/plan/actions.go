package plan

import (
	"math/rand/v2"
	"time"

	"tandem/test/fault/wire"
)

// Calls at which kills strike: each is a moment between two writes that belong together.
var (
	workerAims  = []string{"claim", "commit", "renew", "step", "checkpoint", "delete", "hide", "replace", "upload", "get"}
	apiAims     = []string{"create", "send", "upload", "replace"}
	sweeperAims = []string{"query", "replace", "send"}
	held        = []string{"commit", "commit", "step", "checkpoint", "upload", "upload", "renew", "replace", "claim", "delete"}
)

func actions(random *rand.Rand, o Options, span time.Duration) []Action {
	var all []Action
	for i, kind := range killed(random, o.Kills) {
		a := Action{At: spread(random, span, i, o.Kills), Kind: kind}
		aims := sweeperAims
		switch kind {
		case KillWorker:
			a.Target, aims = random.IntN(o.Workers), workerAims
		case KillAPI:
			a.Target, aims = random.IntN(o.APIs), apiAims
		}
		switch {
		case random.IntN(100) < 45:
			a.Aim, a.After = aims[random.IntN(len(aims))], random.IntN(2) == 0
		case kind == KillSweeper:
			a.For = time.Duration(random.IntN(60)) * time.Millisecond // into a sweep
		}
		all = append(all, a)
	}
	add := func(kind Kind, count int, make func(*Action)) {
		for i := range count {
			a := Action{At: spread(random, span, i, count), Kind: kind, Target: random.IntN(o.Workers)}
			make(&a)
			all = append(all, a)
		}
	}
	seconds := func(least, most int) time.Duration {
		return time.Duration(least*1000+random.IntN((most-least)*1000)) * time.Millisecond
	}
	add(Terminate, max(1, o.Kills/10), func(*Action) {})
	add(Pause, max(1, o.Kills/25), func(a *Action) {
		a.For = seconds(33, 40)
		if o.Kills < short { // a run shall not be longer for it
			a.At, a.For = a.At/4, seconds(33, 35)
		}
	})
	add(Hold, max(1, o.Kills/10), func(a *Action) {
		a.Aim, a.Alone, a.For = held[random.IntN(len(held))], random.IntN(2) == 0, seconds(33, 40)
		if o.Kills < short {
			a.At, a.For = a.At/4, seconds(33, 35)
		}
	})
	add(Hiccup, max(1, o.Kills/25), func(a *Action) { a.For = seconds(1, 8) })
	add(KillContainer, max(1, o.Kills/15), func(*Action) {})
	// Silence shows only after three pings of ten seconds each.
	add(Mute, int(span/(100*time.Second)), func(a *Action) { a.Seconds = 40 + random.IntN(30) })
	// Beyond the workers are the links of the APIs and the sweeper.
	links := o.Workers + o.APIs + 1
	anywhere := func(a *Action) { a.Target = random.IntN(links) }
	add(Cut, max(1, o.Kills/15), func(a *Action) { anywhere(a); a.For = seconds(0, 6) })
	add(Poison, max(1, o.Kills/15), func(a *Action) { anywhere(a); a.For = seconds(1, 9); a.Toxic = toxic(random) })
	add(Cast, max(3, o.Kills/8), func(a *Action) { anywhere(a); a.For = seconds(1, 9); a.Spell = spell(random) })
	return all
}

// killed says which process each kill is for: 8 of 100 the sweeper, 14 the API.
func killed(random *rand.Rand, kills int) []Kind {
	kinds := make([]Kind, kills)
	for i := range kinds {
		switch {
		case i < max(min(1, kills/4), kills*8/100):
			kinds[i] = KillSweeper
		case i < max(min(2, kills/2), kills*22/100):
			kinds[i] = KillAPI
		default:
			kinds[i] = KillWorker
		}
	}
	random.Shuffle(kills, func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	return kinds
}

func toxic(random *rand.Rand) wire.Toxic {
	stream := []string{"upstream", "downstream"}[random.IntN(2)]
	return []wire.Toxic{
		{Type: "latency", Stream: stream, Attributes: map[string]int{"latency": 100 + random.IntN(1500), "jitter": 100}},
		{Type: "bandwidth", Stream: stream, Attributes: map[string]int{"rate": 1 + random.IntN(20)}},
		{Type: "slicer", Stream: stream, Attributes: map[string]int{"average_size": 60, "size_variation": 40, "delay": 20_000}},
		{Type: "timeout", Stream: stream, Attributes: map[string]int{"timeout": 0}},
		{Type: "reset_peer", Stream: stream, Attributes: map[string]int{"timeout": random.IntN(300)}},
		{Type: "limit_data", Stream: stream, Attributes: map[string]int{"bytes": 200 + random.IntN(4000)}},
	}[random.IntN(6)]
}

func spell(random *rand.Rand) wire.Spell {
	ills := []wire.Ill{wire.Throttled, wire.Failing, wire.Deaf, wire.Dumb, wire.Dumb}
	return wire.Spell{Ill: ills[random.IntN(len(ills))], Percent: 20 + random.IntN(81)}
}
