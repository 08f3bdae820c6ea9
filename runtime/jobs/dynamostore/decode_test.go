package dynamostore

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/settings"
)

// wire is an attribute as DynamoDB writes it in JSON, for the fuzzer to change.
type wire struct {
	S    *string          `json:",omitempty"`
	N    *string          `json:",omitempty"`
	B    []byte           `json:",omitempty"`
	BOOL *bool            `json:",omitempty"`
	M    *map[string]wire `json:",omitempty"`
	NULL *bool            `json:",omitempty"`
}

func toWire(value types.AttributeValue) wire {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return wire{S: &value.Value}
	case *types.AttributeValueMemberN:
		return wire{N: &value.Value}
	case *types.AttributeValueMemberB:
		return wire{B: value.Value}
	case *types.AttributeValueMemberBOOL:
		return wire{BOOL: &value.Value}
	case *types.AttributeValueMemberM:
		members := map[string]wire{}
		for name, member := range value.Value {
			members[name] = toWire(member)
		}
		return wire{M: &members}
	default:
		return wire{}
	}
}

func (w wire) attribute() types.AttributeValue {
	switch {
	case w.S != nil:
		return &types.AttributeValueMemberS{Value: *w.S}
	case w.N != nil:
		return &types.AttributeValueMemberN{Value: *w.N}
	case w.B != nil:
		return &types.AttributeValueMemberB{Value: w.B}
	case w.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *w.BOOL}
	case w.M != nil:
		members := item{}
		for name, member := range *w.M {
			members[name] = member.attribute()
		}
		return &types.AttributeValueMemberM{Value: members}
	default:
		return &types.AttributeValueMemberNULL{Value: true}
	}
}

// Whatever is in the table, reading it ends in a value or an error.
func FuzzDecodeItem(f *testing.F) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	job := jobstest.Job(now).Example(1)
	held := jobs.Held{ID: job.ID, Fence: 1, Created: now}
	for _, seed := range []item{
		encodeJob(job),
		encodeStep(held, jobs.Step{Key: "plan", Result: jobs.Bytes("text/plain", []byte("a")), Fence: 1, Stored: now, ExpiresAt: now}),
		{settings.TableSortKey: text(eventSort(jobs.EventPosition{Fence: 1, Sequence: 2})), aData: text("not binary")},
		{settings.TablePartitionKey: text(jobPrefix + "x"), settings.TableSortKey: text(jobSort), aState: text("lost")},
	} {
		written := map[string]wire{}
		for name, value := range seed {
			written[name] = toWire(value)
		}
		raw, err := json.Marshal(written)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var written map[string]wire
		if json.Unmarshal(raw, &written) != nil {
			return
		}
		from := item{}
		for name, value := range written {
			from[name] = value.attribute()
		}
		if job, _, err := decodeJob(from); err == nil {
			require.True(t, job.State.Valid())
			_, _, err := decodeJob(encodeJob(job))
			require.NoError(t, err)
		}
		if step, err := decodeStep(from); err == nil {
			require.Equal(t, stepPrefix+step.Key, from[settings.TableSortKey].(*types.AttributeValueMemberS).Value)
		}
		_, _ = decodeEvent(from)
		_, _ = withCaller(jobs.Job{}, from)
	})
}

func TestAnAttributeOfAWrongTypeIsNamed(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	inKeysOrIndex := []string{settings.TablePartitionKey, settings.TableSortKey, settings.StateIndexPartitionKey, settings.StateIndexSortKey}
	rapid.Check(t, func(r *rapid.T) {
		from := encodeJob(jobstest.Job(now).Draw(r, "job"))
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(from)), func(name string) bool { return slices.Contains(inKeysOrIndex, name) })
		name := rapid.SampledFrom(names).Draw(r, "attribute")
		from[name] = &types.AttributeValueMemberNULL{Value: true}
		_, _, err := decodeJob(from)
		require.ErrorContains(r, err, name)
	})
}

func TestAnItemThatIsNoJobIsRefused(t *testing.T) {
	for name, from := range map[string]item{
		"nothing":          {},
		"another kind":     {settings.TablePartitionKey: text("key#1"), settings.TableSortKey: text("key")},
		"a caller":         callerKey("x"),
		"an unknown state": {settings.TablePartitionKey: text("job#1"), settings.TableSortKey: text("job"), aState: text("lost")},
	} {
		_, _, err := decodeJob(from)
		require.ErrorIs(t, err, errDamaged, name)
	}
}

func TestTimesSortAsTextAsTheyDoInTime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		moment := rapid.Custom(func(r *rapid.T) time.Time {
			return time.UnixMilli(rapid.Int64Range(0, 9_999_999_999_999).Draw(r, "ms"))
		})
		a, b := moment.Draw(r, "a"), moment.Draw(r, "b")
		require.Equal(r, a.Before(b), digits(a) < digits(b))
	})
}
