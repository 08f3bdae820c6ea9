package measure

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/settings"
)

type item = map[string]types.AttributeValue

// ledger counts write units by DynamoDB's rules: a write takes as many as the
// larger of the item before and after has kilobytes. An index takes one for an
// entry that appears, goes or changes, and two where its key changes
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html, 2026-11-24).
// The emulator does not bill; conditions that fail, which would be billed, do
// not occur where it is used.
type ledger struct {
	items        map[string]item
	table, index float64
}

func (l *ledger) written(after item) {
	if l.items == nil {
		l.items = map[string]item{}
	}
	key := value(after[settings.TablePartitionKey]) + "/" + value(after[settings.TableSortKey])
	before := l.items[key]
	l.items[key] = after
	l.table += units(max(size(before), size(after)))
	for _, index := range settings.TableIndexes() {
		old, now := entry(before, index), entry(after, index)
		switch {
		case old == now:
		case old == "" || now == "":
			l.index++
		default:
			l.index += 2
		}
	}
}

// entry is the item's key in an index of keys only; empty where it is not in it.
func entry(of item, index settings.TableIndex) string {
	if of[index.PartitionKey] == nil || of[index.SortKey] == nil {
		return ""
	}
	return value(of[index.PartitionKey]) + "/" + value(of[index.SortKey])
}

func value(of types.AttributeValue) string {
	switch of := of.(type) {
	case *types.AttributeValueMemberS:
		return of.Value
	case *types.AttributeValueMemberN:
		return of.Value
	default:
		return ""
	}
}

func units(bytes int) float64 { return float64((max(1, bytes) + 1023) / 1024) }

// size is what an item is billed by
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html, 2026-11-24).
func size(of item) int {
	total := 0
	for name, value := range of {
		total += len(name) + valueSize(value)
	}
	return total
}

func valueSize(of types.AttributeValue) int {
	switch of := of.(type) {
	case *types.AttributeValueMemberS:
		return len(of.Value)
	case *types.AttributeValueMemberB:
		return len(of.Value)
	case *types.AttributeValueMemberN:
		return (len(strings.Trim(strings.ReplaceAll(of.Value, ".", ""), "0"))+1)/2 + 1
	case *types.AttributeValueMemberM:
		total := 3
		for name, member := range of.Value {
			total += 1 + len(name) + valueSize(member)
		}
		return total
	default:
		return 1
	}
}
