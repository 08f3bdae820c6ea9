package dynamostore

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/keys"
	"tandem/runtime/settings"
)

const (
	itemPrefix = "key#"
	itemSort   = "key"
	// registry cannot be a key's item: no id is shorter than 16 characters or lists as "all".
	registry = itemPrefix + "all"
)

type item = map[string]types.AttributeValue

func itemKey(id string) item {
	return item{settings.TablePartitionKey: text(itemPrefix + id), settings.TableSortKey: text(itemSort)}
}

func registryKey(id string) item {
	return item{settings.TablePartitionKey: text(registry), settings.TableSortKey: text(id)}
}

// encode leaves out what is zero.
func encode(key keys.Key) item {
	encoded := itemKey(key.ID)
	for name, value := range map[string]string{
		"holder": key.Tenant, "name": key.Name, "scopes": keys.JoinScopes(key.Scopes), "hash": hex.EncodeToString(key.Hash[:]),
	} {
		if value != "" {
			encoded[name] = text(value)
		}
	}
	for name, value := range map[string]float64{
		"rate": float64(key.Rate), "burst": float64(key.Burst), "budgetUsd": key.DailyBudgetUSD,
	} {
		if value != 0 {
			encoded[name] = &types.AttributeValueMemberN{Value: strconv.FormatFloat(value, 'f', -1, 64)}
		}
	}
	for name, at := range map[string]time.Time{
		"issuedAt": key.CreatedAt, "validUntil": key.ExpiresAt, "revokedAt": key.RevokedAt,
	} {
		if !at.IsZero() {
			encoded[name] = &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)}
		}
	}
	return encoded
}

func decode(encoded item) (keys.Key, error) {
	reader := itemReader{item: encoded}
	id := reader.text(settings.TablePartitionKey)
	if len(id) < len(itemPrefix) {
		return keys.Key{}, fmt.Errorf("reading a key: partition key %q does not start with %s", id, itemPrefix)
	}
	key := keys.Key{
		ID: id[len(itemPrefix):], Tenant: reader.text("holder"), Name: reader.text("name"),
		Rate: int(reader.number("rate")), Burst: int(reader.number("burst")), DailyBudgetUSD: reader.number("budgetUsd"),
		CreatedAt: reader.time("issuedAt"), ExpiresAt: reader.time("validUntil"), RevokedAt: reader.time("revokedAt"),
	}
	scopes, err := keys.ParseScopes(reader.text("scopes"))
	if err != nil {
		reader.fail("scopes", err)
	}
	key.Scopes = scopes
	hash, err := hex.DecodeString(reader.text("hash"))
	if err != nil || len(hash) != len(key.Hash) {
		reader.fail("hash", fmt.Errorf("not %d bytes in hex", len(key.Hash)))
	}
	copy(key.Hash[:], hash)
	if reader.err != nil {
		return keys.Key{}, fmt.Errorf("reading key %s: %w", key.ID, reader.err)
	}
	return key, nil
}

// itemReader reads attributes and remembers the first that is malformed: a key
// of which a part cannot be read must not be taken for one without that part.
type itemReader struct {
	item item
	err  error
}

func (r *itemReader) fail(name string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %s: %w", name, err)
	}
}

func (r *itemReader) text(name string) string {
	value, found := r.item[name]
	if !found {
		return ""
	}
	member, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		r.fail(name, fmt.Errorf("%T is not a string", value))
		return ""
	}
	return member.Value
}

func (r *itemReader) number(name string) float64 {
	value, found := r.item[name]
	if !found {
		return 0
	}
	member, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		r.fail(name, fmt.Errorf("%T is not a number", value))
		return 0
	}
	number, err := strconv.ParseFloat(member.Value, 64)
	if err != nil {
		r.fail(name, err)
	}
	return number
}

func (r *itemReader) time(name string) time.Time {
	seconds := r.number(name)
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }
