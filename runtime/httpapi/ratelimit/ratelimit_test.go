package ratelimit_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/keys"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func allowed(limiter *ratelimit.Limiter, identity keys.Identity, tries int) int {
	count := 0
	for range tries {
		if limiter.Allow(identity) == 0 {
			count++
		}
	}
	return count
}

func TestATenantMayCallAtItsRate(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	limiter := ratelimit.New(ratelimit.Options{Rate: 2, Burst: 5, Now: c.now})
	acme := keys.Identity{Tenant: "acme", KeyID: "1"}

	require.Equal(t, 5, allowed(limiter, acme, 10), "the burst")
	require.Equal(t, 500*time.Millisecond, limiter.Allow(acme), "how long until the next")
	require.Equal(t, 500*time.Millisecond, limiter.Allow(acme), "a refused call takes nothing")
	c.at = c.at.Add(time.Second)
	require.Equal(t, 2, allowed(limiter, acme, 10), "the rate")
}

func TestOneTenantDoesNotUseUpAnothers(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	limiter := ratelimit.New(ratelimit.Options{Rate: 1, Burst: 3, Now: c.now})
	require.Equal(t, 3, allowed(limiter, keys.Identity{Tenant: "acme", KeyID: "1"}, 10))
	require.Equal(t, 0, allowed(limiter, keys.Identity{Tenant: "acme", KeyID: "2"}, 10), "a second key of the tenant shares its bucket")
	require.Equal(t, 3, allowed(limiter, keys.Identity{Tenant: "globex", KeyID: "3"}, 10))
}

func TestAKeyWithARateOfItsOwnHasABucketOfItsOwn(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	limiter := ratelimit.New(ratelimit.Options{Rate: 1, Burst: 3, Now: c.now})
	require.Equal(t, 8, allowed(limiter, keys.Identity{Tenant: "acme", KeyID: "1", Rate: 4}, 20), "a burst of twice the rate")
	require.Equal(t, 7, allowed(limiter, keys.Identity{Tenant: "acme", KeyID: "2", Rate: 4, Burst: 7}, 20))
	require.Equal(t, 3, allowed(limiter, keys.Identity{Tenant: "acme", KeyID: "3"}, 20))
}

func TestTheTenantThatCalledLongestAgoIsForgottenFirst(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	limiter := ratelimit.New(ratelimit.Options{Rate: 1, Burst: 1, Tenants: 2, Now: c.now})
	for _, tenant := range []string{"a", "b", "c"} {
		require.Equal(t, 1, allowed(limiter, keys.Identity{Tenant: tenant}, 2))
	}
	require.Equal(t, 0, allowed(limiter, keys.Identity{Tenant: "b"}, 1), "kept")
	require.Equal(t, 1, allowed(limiter, keys.Identity{Tenant: "a"}, 1), "forgotten")
}

func TestCallsAtOnceShareOneBucket(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	limiter := ratelimit.New(ratelimit.Options{Rate: 1, Burst: 10, Now: c.now})
	var count atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				if limiter.Allow(keys.Identity{Tenant: "acme"}) == 0 {
					count.Add(1)
				}
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 10, count.Load())
}

func BenchmarkAllow(b *testing.B) {
	limiter := ratelimit.New(ratelimit.Options{Rate: 1 << 30, Burst: 1 << 30})
	identities := make([]keys.Identity, 100)
	for i := range identities {
		identities[i].Tenant = fmt.Sprint(i)
	}
	b.ReportAllocs()
	for i := range b.N {
		limiter.Allow(identities[i%len(identities)])
	}
}
