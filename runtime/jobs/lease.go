package jobs

import "time"

// Claim asks for the right to run a job.
type Claim struct {
	ID    string
	Owner string
	// Token recognises this very claim when it is sent again.
	Token string
	// Now is server time.
	Now time.Time
	// Until is the end of the lease.
	Until time.Time
	// MaxInterruptions above which the job is not run again.
	MaxInterruptions int
}

// Claimable tells whether the claim may go through at once: a queued job that
// nothing speaks against. All else, an expired lease to begin with, takes a
// read and a [Records.Replace] and is decided by claimed.
func (j Job) Claimable(c Claim) bool {
	return j.State == Queued && !j.NotBefore.After(c.Now) && !j.overdue(c.Now) &&
		j.Interruptions <= c.MaxInterruptions
}

// Claimed returns the job as a running one under the claim.
func (j Job) Claimed(c Claim) Job {
	j.State = Running
	j.Fence++
	j.Attempts++
	j.Lease = Lease{Owner: c.Owner, Until: c.Until}
	j.ClaimToken, j.CommitToken = c.Token, ""
	j.NotBefore, j.DrainBy = time.Time{}, time.Time{}
	j.Progress = Progress{}
	j.Started = c.Now
	return j.touched(c.Now)
}

// ClaimedBy tells whether the job is running under this very claim.
func (j Job) ClaimedBy(c Claim) bool { return j.State == Running && j.ClaimToken == c.Token }

// Renewal prolongs a lease.
type Renewal struct {
	Held
	// Now is server time.
	Now time.Time
	// Until is the new end of the lease.
	Until time.Time
	// Progress to tell; nil leaves it as it is.
	Progress *Progress
}

// Holds tells whether the attempt is the job's running one.
func (j Job) Holds(held Held) bool {
	return j.ID == held.ID && j.State == Running && j.Fence == held.Fence && j.Created.Equal(held.Created)
}

// Renewed returns the job with the prolonged lease.
func (j Job) Renewed(r Renewal) Job {
	j.Lease.Until = r.Until
	if r.Progress != nil {
		j.Progress = *r.Progress
	}
	return j.touched(r.Now)
}

// Commit ends an attempt with a result.
type Commit struct {
	Held
	// Token recognises this very commit when it is sent again.
	Token string
	// Now is server time.
	Now time.Time
	// Result of the job.
	Result Payload
	// ExpiresAt is when the job disappears.
	ExpiresAt time.Time
}

// Committed returns the job as a succeeded one.
func (j Job) Committed(c Commit) Job {
	j.Result = c.Result
	j.CommitToken = c.Token
	return j.over(Succeeded, c.Now, c.ExpiresAt)
}

// CommittedBy tells whether the job succeeded by this very commit.
func (j Job) CommittedBy(c Commit) bool {
	return j.State == Succeeded && j.Fence == c.Fence && j.CommitToken == c.Token
}
