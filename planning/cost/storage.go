package cost

import "strings"

// What a job asks of the state table and the queues, as this project measured
// it (docs/benchmarks.md, 2026-11-24): write units, index writes included, and
// requests with ten slots.
const (
	writeUnitsAJob    = 8
	readUnitsAJob     = 4
	queueRequestsAJob = 1.2
	renewalSeconds    = 10
)

// table by write and read units, and by what it stores. Each ten seconds of a
// running job are one renewal of its lease.
func table(e *estimator, r *Resource) []Item {
	var writes, reads float64
	for _, jobs := range e.traffic.Jobs {
		writes += jobs.Count * (writeUnitsAJob + jobs.Duration.Seconds()/renewalSeconds)
		reads += jobs.Count * readUnitsAJob
	}
	items := []Item{
		e.perUse("write units", "dynamodb", "on-demand write unit", writes).noting("8 a job and one each 10 s that it runs"),
		e.perUse("read units", "dynamodb", "on-demand read unit", reads+e.traffic.Requests),
		e.perUse("GB-months", "dynamodb", "storage", e.traffic.TableGB),
	}
	if enabled, _ := at(r.Properties, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled").(bool); enabled {
		items = append(items, e.perUse("point-in-time recovery, GB-months", "dynamodb", "point-in-time recovery", e.traffic.TableGB))
	}
	return items
}

// queue by request: those of a worker's jobs at its normal queue.
func queue(e *estimator, r *Resource) []Item {
	var requests float64
	for name, jobs := range e.traffic.Jobs {
		if strings.HasPrefix(r.ID, pascal(name)+"NormalQueue") {
			requests += jobs.Count * (queueRequestsAJob + jobs.Duration.Seconds()/renewalSeconds)
		}
	}
	return []Item{e.perUse("requests", "sqs", "standard requests", requests).noting("at most: visibility is renewed in batches")}
}

// bucket by what it stores and by request: inputs and results of jobs with
// payloads, uploads of documents and their results.
func bucket(e *estimator, _ *Resource) []Item {
	var puts, gets float64
	for _, jobs := range e.traffic.Jobs {
		if jobs.PayloadMB > 0 {
			puts += 2 * jobs.Count
			gets += 2 * jobs.Count
		}
	}
	for _, uploads := range e.traffic.Documents {
		puts += 2 * uploads.Count
		gets += 2 * uploads.Count
	}
	return []Item{
		e.perUse("writes", "s3", "PUT COPY POST LIST", puts),
		e.perUse("reads", "s3", "GET", gets),
		e.perUse("GB-months", "s3", "standard storage", e.traffic.StoredGB),
	}
}

// customerKey by key; rotation adds the price of a key at the first and the
// second rotation, a year apart (https://aws.amazon.com/kms/pricing/, 2026-11-24).
func customerKey(e *estimator, r *Resource) []Item {
	key := e.fixed("key", "kms", "customer key", 1)
	if rotated, _ := r.Properties["EnableKeyRotation"].(bool); rotated {
		key = key.noting("rotation adds as much after one year and after two")
	}
	return []Item{key, e.perUse("requests", "kms", "requests", 0).noting("few: the bucket, the queues and the table keep data keys for minutes")}
}

func secret(e *estimator, _ *Resource) []Item {
	return []Item{e.fixed("secret", "secretsmanager", "secret", 1), e.perUse("requests", "secretsmanager", "requests", 0).noting("few: programs cache it")}
}
