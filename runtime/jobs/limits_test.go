package jobs

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTruncatingKeepsWholeCharactersWithinTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole, limit := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")), rapid.IntRange(0, 40).Draw(t, "limit")
		cut := truncate(whole, limit)
		require.LessOrEqual(t, len(cut), limit)
		require.True(t, utf8.ValidString(cut))
		if utf8.ValidString(whole) {
			require.True(t, strings.HasPrefix(whole, cut))
			require.True(t, len(cut) == len(whole) || len(cut) > limit-utf8.UTFMax)
		}
	})
}

func TestBackoffDoublesUpToItsBound(t *testing.T) {
	backoff := Backoff{Base: time.Second, Max: 10 * time.Second, Random: func() float64 { return 0.5 }}.withDefaults()
	var got []time.Duration
	for failures := range 7 {
		got = append(got, backoff.after(failures+1))
	}
	ms := time.Millisecond
	require.Equal(t, []time.Duration{500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 5000 * ms, 5000 * ms, 5000 * ms}, got)
	require.Equal(t, 5*time.Second, backoff.after(1_000_000))
}

func TestBackoffHasFullJitterAndFitsAMessagesDelay(t *testing.T) {
	backoff := Backoff{}.withDefaults()
	least, most := time.Hour, time.Duration(0)
	for range 1000 {
		wait := backoff.after(20)
		least, most = min(least, wait), max(most, wait)
	}
	require.Less(t, least, time.Minute)
	require.Greater(t, most, 9*time.Minute)
	require.LessOrEqual(t, most, MaxDelay)
}

func TestAKeyIsShortenedWithinItsFolderAndComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9@._-]{1,12}`)
		job := Job{ID: RandomIDs{}.NewID(), Tenant: name.Draw(t, "tenant"), Fence: rapid.Int64Min(0).Draw(t, "fence")}
		other := Job{ID: RandomIDs{}.NewID(), Tenant: name.Draw(t, "other tenant")}
		key := rapid.SampledFrom([]string{
			inputKey(job.Tenant, job.ID, []byte("0123456789abcdef")), uploadKey(job.Tenant, other.ID), ResultKey(job),
			CheckpointKey(job, 3), StepKey(job, "t"), inputKey(other.Tenant, other.ID, nil), "", "x", "x/y",
		}).Draw(t, "key")
		require.Equal(t, key, job.ExpandKey(job.CompactKey(key)))
	})
	job := Job{ID: "id", Tenant: "acme"}
	require.Equal(t, "inputs//*/ab", job.CompactKey("inputs/acme/id/ab"))
	require.Equal(t, "uploads///ab", job.CompactKey("uploads/acme/ab"))
	require.Equal(t, "uploads/globex/ab", job.CompactKey("uploads/globex/ab"))
	require.Less(t, len(job.CompactKey(inputKey("acme", "id", make([]byte, 16)))), storedKey)
}

func TestShardsAreAllUsed(t *testing.T) {
	count := map[int]int{}
	for range 8000 {
		count[ShardOf(RandomIDs{}.NewID())]++
	}
	require.Len(t, count, Shards)
	for shard, jobs := range count {
		require.Greater(t, jobs, 700, "shard %d", shard)
	}
}
