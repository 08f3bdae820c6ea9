package dynamostore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/settings"
)

// item is what DynamoDB keeps under one key. Absent values are left out.
type item = map[string]types.AttributeValue

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

func moment(at time.Time) types.AttributeValue { return number(at.UnixMilli()) }

func setText(to item, name, value string) {
	if value != "" {
		to[name] = text(value)
	}
}

func setNumber(to item, name string, value int64) {
	if value != 0 {
		to[name] = number(value)
	}
}

func setBytes(to item, name string, value []byte) {
	if len(value) > 0 {
		to[name] = &types.AttributeValueMemberB{Value: value}
	}
}

func setMoment(to item, name string, at time.Time) {
	if !at.IsZero() {
		to[name] = moment(at)
	}
}

func setFlag(to item, name string, value bool) {
	if value {
		to[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

// reading takes attributes out of an item and keeps the first error, so that
// a decoder reads as a list of fields.
type reading struct {
	item item
	err  error
}

func (r *reading) wrong(name, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %s is not %s", name, want)
	}
}

func (r *reading) text(name string) string {
	switch value := r.item[name].(type) {
	case nil:
	case *types.AttributeValueMemberS:
		return value.Value
	default:
		r.wrong(name, "a string")
	}
	return ""
}

func (r *reading) bytes(name string) []byte {
	switch value := r.item[name].(type) {
	case nil:
	case *types.AttributeValueMemberB:
		return value.Value
	default:
		r.wrong(name, "binary")
	}
	return nil
}

func (r *reading) number(name string) int64 {
	switch value := r.item[name].(type) {
	case nil:
	case *types.AttributeValueMemberN:
		parsed, err := strconv.ParseInt(value.Value, 10, 64)
		if err != nil {
			r.wrong(name, "a whole number")
		}
		return parsed
	default:
		r.wrong(name, "a number")
	}
	return 0
}

func (r *reading) count(name string) int {
	value := r.number(name)
	if value < 0 || value > 1<<31 {
		r.wrong(name, "a count")
		return 0
	}
	return int(value)
}

func (r *reading) float(name string) float64 {
	switch value := r.item[name].(type) {
	case nil:
	case *types.AttributeValueMemberN:
		parsed, err := strconv.ParseFloat(value.Value, 64)
		if err != nil {
			r.wrong(name, "a number")
		}
		return parsed
	default:
		r.wrong(name, "a number")
	}
	return 0
}

func (r *reading) moment(name string) time.Time {
	millis := r.number(name)
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

func (r *reading) expiry() time.Time {
	seconds := r.number(settings.TableTTL)
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func (r *reading) flag(name string) bool {
	switch value := r.item[name].(type) {
	case nil:
	case *types.AttributeValueMemberBOOL:
		return value.Value
	default:
		r.wrong(name, "true or false")
	}
	return false
}

func (r *reading) texts(name string) map[string]string {
	members, ok := r.item[name].(*types.AttributeValueMemberM)
	if r.item[name] == nil {
		return nil
	}
	if !ok {
		r.wrong(name, "a map")
		return nil
	}
	texts := make(map[string]string, len(members.Value))
	for key, member := range members.Value {
		value, ok := member.(*types.AttributeValueMemberS)
		if !ok {
			r.wrong(name+"."+key, "a string")
			return nil
		}
		texts[key] = value.Value
	}
	return texts
}
