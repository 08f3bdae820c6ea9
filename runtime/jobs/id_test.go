package jobs

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAnIdempotentIDIsAUUIDOfTenantAndKey(t *testing.T) {
	id := IdempotentID("acme", "order-7")
	require.True(t, ValidID(id))
	require.Equal(t, uuid.Version(8), uuid.MustParse(id).Version())
	require.Equal(t, id, IdempotentID("acme", "order-7"))
	require.NotEqual(t, id, IdempotentID("acme", "order-8"))
	require.NotEqual(t, IdempotentID("ac", "me"), IdempotentID("acm", "e"))
	require.NotEqual(t, IdempotentID("1", "1:1"), IdempotentID("11", ":1"))
}

func TestNewIDsFollowOneAnotherInTime(t *testing.T) {
	last := ""
	for range 1000 {
		id := RandomIDs{}.NewID()
		require.True(t, ValidID(id))
		require.Greater(t, id, last)
		last = id
	}
}

func TestTokensAreShortAndDiffer(t *testing.T) {
	require.Len(t, RandomIDs{}.NewToken(), 11)
	first, second := RandomIDs{}.NewToken(), RandomIDs{}.NewToken()
	require.NotEqual(t, first, second)
}

// Whatever a caller chose makes another request; who asks and under which key does not.
func TestTheHashOfARequestCoversAllThatTheCallerChose(t *testing.T) {
	base := Submission{Tenant: "acme", IdempotencyKey: "k", Worker: "w", Priority: Normal, Input: []byte("in"), ContentType: "text/plain",
		Deadline: time.UnixMilli(5), Webhook: "https://example.com", Metadata: map[string]string{"a": "b"}}
	for field, change := range map[string]func(*Submission){
		"worker": func(s *Submission) { s.Worker = "v" }, "priority": func(s *Submission) { s.Priority = Low },
		"input": func(s *Submission) { s.Input = []byte("im") }, "content type": func(s *Submission) { s.ContentType = "text/html" },
		"upload": func(s *Submission) { s.Upload = "u" }, "deadline": func(s *Submission) { s.Deadline = time.UnixMilli(6) },
		"webhook": func(s *Submission) { s.Webhook = "" }, "metadata": func(s *Submission) { s.Metadata = map[string]string{"a": "c"} },
		"a metadata key": func(s *Submission) { s.Metadata = map[string]string{"ab": ""} },
	} {
		other := base
		change(&other)
		require.NotEqual(t, hashRequest(base), hashRequest(other), field)
	}
	other := base
	other.Tenant, other.IdempotencyKey = "globex", "l"
	require.Equal(t, hashRequest(base), hashRequest(other))
	require.Len(t, hashRequest(base), 16)
}

func TestTheOrderOfMetadataDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		metadata := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		copied := map[string]string{}
		for key, value := range metadata {
			copied[key] = value
		}
		require.Equal(t, hashRequest(Submission{Metadata: metadata}), hashRequest(Submission{Metadata: copied}))
	})
}
