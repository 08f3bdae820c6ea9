package settings

// The state table is one DynamoDB table for jobs, what belongs to them, and
// API keys. Its shape is written here because the construct creates what the
// programs read, and both may import only this package. Which items live in it
// is told in runtime/jobs/dynamostore.
//
// Both keys are strings. The first characters of a partition key say what an
// item is: "job#", "trail#", "key#", "spend#", "agent#", "fleet#", "document#" and
// "document-moved#" are taken.
const (
	// TablePartitionKey names the partition key, a string.
	TablePartitionKey = "pk"
	// TableSortKey names the sort key, a string.
	TableSortKey = "sk"
	// FleetPartition is the partition key of what is known of the fleet: what
	// workers report, and what the capacity controller remembers.
	FleetPartition = "fleet#state"
	// TableTTL names the time-to-live attribute, a number of seconds since 1970.
	TableTTL = "expires"
)

// Index by-tenant lists a tenant's jobs by age. Only jobs may carry both of
// its attributes, or else they show up in lists: other items name their
// timestamps otherwise.
const (
	// TenantIndex is the name of the index.
	TenantIndex = "by-tenant"
	// TenantIndexPartitionKey is a string.
	TenantIndexPartitionKey = "tenant"
	// TenantIndexSortKey is a number, milliseconds since 1970.
	TenantIndexSortKey = "created"
)

// Index by-state is sparse: it holds queued jobs, running jobs and webhooks
// that wait for their queue, for the sweeper and the capacity controller.
const (
	// StateIndex is the name of the index.
	StateIndex = "by-state"
	// StateIndexPartitionKey is a string.
	StateIndexPartitionKey = "place"
	// StateIndexSortKey is a string.
	StateIndexSortKey = "due"
)

// TableIndex is a global secondary index of the state table. All of them
// project keys only: a projected attribute would be written, and paid for, a
// second time whenever it changes.
type TableIndex struct {
	// Name of the index.
	Name string
	// PartitionKey is the name of an attribute that holds a string.
	PartitionKey string
	// SortKey is the name of an attribute that holds a string, or a number where SortKeyNumber is set.
	SortKey string
	// SortKeyNumber tells that the sort key is a number.
	SortKeyNumber bool
}

// TableIndexes returns the global secondary indexes of the state table.
func TableIndexes() []TableIndex {
	return []TableIndex{
		{Name: TenantIndex, PartitionKey: TenantIndexPartitionKey, SortKey: TenantIndexSortKey, SortKeyNumber: true},
		{Name: StateIndex, PartitionKey: StateIndexPartitionKey, SortKey: StateIndexSortKey},
	}
}
