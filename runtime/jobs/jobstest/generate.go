package jobstest

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"tandem/runtime/jobs"
)

// Job draws a job in any state, with fields up to their limits. It need not
// have come about by the rules: stores take what they are given.
func Job(now time.Time) *rapid.Generator[jobs.Job] {
	return rapid.Custom(func(t *rapid.T) jobs.Job {
		when := func(label string) time.Time {
			if rapid.Bool().Draw(t, label+" set") {
				return now.Add(time.Duration(rapid.IntRange(-100_000, 100_000).Draw(t, label)) * time.Millisecond)
			}
			return time.Time{}
		}
		job := jobs.Job{
			ID: newID(), Tenant: word(t, "tenant", 1, jobs.MaxTenant), Worker: word(t, "worker", 1, jobs.MaxWorker),
			Priority: rapid.SampledFrom([]jobs.Priority{jobs.High, jobs.Normal, jobs.Low}).Draw(t, "priority"),
			State: rapid.SampledFrom([]jobs.State{jobs.Queued, jobs.Queued, jobs.Running, jobs.Running,
				jobs.Succeeded, jobs.Failed, jobs.Cancelled, jobs.Expired}).Draw(t, "state"),
			Revision:    rapid.Int64Range(1, 1_000_000).Draw(t, "revision"),
			RequestHash: rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "hash"),
			Failure: jobs.Failure{Code: word(t, "code", 0, jobs.MaxFailureCode),
				Message: word(t, "failure", 0, jobs.MaxRetryMessage)},
			Attempts:      rapid.IntRange(0, 100).Draw(t, "attempts"),
			Interruptions: rapid.IntRange(0, 10_000).Draw(t, "interruptions"),
			Fence:         rapid.Int64Range(0, 1_000_000).Draw(t, "fence"),
			ClaimToken:    word(t, "claim token", 0, 11), CommitToken: word(t, "commit token", 0, 11), WriteToken: word(t, "write token", 0, 11),
			NotBefore: when("not before"), Deadline: when("deadline"), DrainBy: when("drain by"),
			CancelRequested: rapid.Bool().Draw(t, "cancel"),
			Created:         now, Updated: now, QueuedAt: now, Started: when("started"),
			Metadata: rapid.MapOfN(rapid.StringMatching(`[a-z]{1,20}`), rapid.StringMatching(`[ -~]{0,40}`), 0, 8).Draw(t, "metadata"),
		}
		job.Input = payload(t, "input", job)
		if rapid.Bool().Draw(t, "webhook set") {
			job.Webhook.URL = "https://example.com/" + word(t, "webhook", 0, 300)
		}
		if job.State == jobs.Running {
			job.Lease = jobs.Lease{Owner: word(t, "owner", 1, jobs.MaxOwner), Until: now.Add(jobs.LeaseFor)}
			job.Progress = Progress(t)
		}
		if job.State.Terminal() {
			job.Finished, job.ExpiresAt = now, now.Add(time.Hour).Truncate(time.Second)
			job.Result = payload(t, "result", job)
			if job.Webhook.URL != "" {
				job.Webhook.State = rapid.SampledFrom([]jobs.DeliveryState{jobs.DeliveryPending, jobs.DeliverySent,
					jobs.DeliveryDelivered, jobs.DeliveryGivenUp}).Draw(t, "delivery")
				job.Webhook.Attempts = rapid.IntRange(0, 20).Draw(t, "deliveries")
				job.Webhook.LastError = word(t, "delivery error", 0, 50)
			}
		}
		return plain(job)
	})
}

// Progress draws a progress, empty at times.
func Progress(t *rapid.T) jobs.Progress {
	return jobs.Progress{
		Percent: float64(rapid.IntRange(0, 400).Draw(t, "percent")) / 4,
		Message: word(t, "progress", 0, jobs.MaxProgressMessage),
	}
}

func payload(t *rapid.T, label string, job jobs.Job) jobs.Payload {
	switch rapid.IntRange(0, 3).Draw(t, label) {
	case 0:
		return jobs.Payload{}
	case 1:
		return jobs.Bytes("application/json", nil)
	case 2:
		return jobs.Bytes(word(t, label+" type", 1, jobs.MaxContentType), []byte(word(t, label+" content", 1, 200)))
	default:
		key := rapid.SampledFrom([]string{
			jobs.InputPrefix + job.Tenant + "/" + job.ID + "/0123456789abcdef0123456789abcdef",
			jobs.UploadPrefix + job.Tenant + "/" + newID(),
			jobs.ResultKey(job),
		}).Draw(t, label+" key")
		return jobs.Blob(word(t, label+" type", 1, jobs.MaxContentType), key, rapid.Int64Range(0, 5<<40).Draw(t, label+" size"))
	}
}

// word draws a string of letters; long ones are as likely as short ones.
func word(t *rapid.T, label string, least, most int) string {
	length := rapid.IntRange(least, most).Draw(t, label)
	return strings.Repeat("abcdefghij", length/10+1)[:length]
}
