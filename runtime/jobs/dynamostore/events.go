package dynamostore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

const (
	eventPrefix = "event#"
	aData       = "data"
	// writeSize is how many items one BatchWriteItem puts at most
	// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html, 2026-11-24).
	writeSize = 25
)

func eventSort(position jobs.EventPosition) string {
	return fmt.Sprintf("%s%016d#%016d", eventPrefix, position.Fence, position.Sequence)
}

// AppendEvents implements jobs.Trail.
func (s *Store) AppendEvents(ctx context.Context, held jobs.Held, events []jobs.Event) error {
	for len(events) > 0 {
		batch := events[:min(writeSize, len(events))]
		events = events[len(batch):]
		writes := make([]types.WriteRequest, 0, len(batch))
		for _, event := range batch {
			to := trailKey(held, eventSort(event.EventPosition))
			setBytes(to, aData, event.Data)
			setMoment(to, aStored, event.At)
			to[settings.TableTTL] = number(event.ExpiresAt.Unix())
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: to}})
		}
		if err := s.batchWrite(ctx, held.ID, writes); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) batchWrite(ctx context.Context, id string, writes []types.WriteRequest) error {
	request := map[string][]types.WriteRequest{*s.table: writes}
	for attempt := 1; ; attempt++ {
		out, err := s.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: request})
		if err != nil {
			return failed("storing partial output of", id, err)
		}
		request = out.UnprocessedItems
		switch {
		case len(request) == 0:
			return nil
		case attempt == maxRepeats:
			return fmt.Errorf("storing partial output of job %s: the table is throttled; try again later", id)
		}
		if err := s.wait(ctx, attempt); err != nil {
			return err
		}
	}
}

// ListEvents implements jobs.Trail.
func (s *Store) ListEvents(ctx context.Context, held jobs.Held, after jobs.EventPosition, limit int) ([]jobs.Event, error) {
	items, err := s.between(ctx, held, eventPrefix, eventSort(after), limit)
	if err != nil {
		return nil, err
	}
	events := make([]jobs.Event, 0, len(items))
	for _, from := range items {
		event, err := decodeEvent(from)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

func decodeEvent(from item) (jobs.Event, error) {
	r := &reading{item: from}
	place, found := strings.CutPrefix(r.text(settings.TableSortKey), eventPrefix)
	fence, sequence, both := strings.Cut(place, "#")
	if !found || !both {
		return jobs.Event{}, fmt.Errorf("decoding partial output: %w", errDamaged)
	}
	event := jobs.Event{Data: r.bytes(aData), At: r.moment(aStored), ExpiresAt: r.expiry()}
	var errs [2]error
	event.Fence, errs[0] = strconv.ParseInt(fence, 10, 64)
	event.Sequence, errs[1] = strconv.ParseInt(sequence, 10, 64)
	if r.err != nil || errs[0] != nil || errs[1] != nil {
		return jobs.Event{}, fmt.Errorf("decoding partial output: %w", errDamaged)
	}
	return event, nil
}
