package jobs

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// Keys of the data bucket. Each begins with what it holds, so that lifecycle
// rules apply by prefix, and goes on with the tenant, so that no key of one
// tenant can be another's.
const (
	InputPrefix      = "inputs/"
	UploadPrefix     = "uploads/"
	ResultPrefix     = "results/"
	CheckpointPrefix = "checkpoints/"
	StepPrefix       = "steps/"
)

// inputKey holds the request's hash: a second submission under the same
// idempotency key must not overwrite the accepted input before it is refused.
func inputKey(tenant, id string, requestHash []byte) string {
	return InputPrefix + tenant + "/" + id + "/" + hex.EncodeToString(requestHash)
}

func uploadKey(tenant, upload string) string { return UploadPrefix + tenant + "/" + upload }

// ResultKey is where an attempt puts its result: results/<tenant>/<job>/<fence>/result.
func ResultKey(job Job) string {
	return ResultPrefix + job.Tenant + "/" + job.ID + "/" + strconv.FormatInt(job.Fence, 10) + "/result"
}

// CheckpointKey is where an attempt puts its nth checkpoint; no two share a key.
func CheckpointKey(job Job, nth int) string {
	return CheckpointPrefix + job.Tenant + "/" + job.ID + "/" + strconv.FormatInt(job.Fence, 10) + "-" + strconv.Itoa(nth)
}

// StepKey is where an attempt puts the result of a step that is too large for
// its item. The token, fresh for each upload, keeps a second attempt at the same
// step from overwriting the first.
func StepKey(job Job, token string) string {
	return StepPrefix + job.Tenant + "/" + job.ID + "/" + token
}

// CompactKey shortens a key that lies in the folder of the job or its tenant,
// and ExpandKey brings it back, so that no item holds the same names twice.
func (j Job) CompactKey(key string) string {
	for _, folder := range []struct{ name, mark string }{
		{"/" + j.Tenant + "/" + j.ID + "/", "//*/"},
		{"/" + j.Tenant + "/", "///"},
	} {
		if before, after, found := strings.Cut(key, folder.name); found && !strings.Contains(before, "/") {
			return before + folder.mark + after
		}
	}
	return key
}

// ExpandKey is the inverse of [Job.CompactKey].
func (j Job) ExpandKey(key string) string {
	before, after, found := strings.Cut(key, "//")
	if !found || strings.Contains(before, "/") {
		return key
	}
	if rest, own := strings.CutPrefix(after, "*/"); own {
		return before + "/" + j.Tenant + "/" + j.ID + "/" + rest
	}
	if rest, tenants := strings.CutPrefix(after, "/"); tenants {
		return before + "/" + j.Tenant + "/" + rest
	}
	return key
}

// validTenant tells whether a tenant can be part of a key: letters, digits and
// the characters - _ . @ but not only dots.
func validTenant(tenant string) bool {
	return validName(tenant, MaxTenant) && strings.Trim(tenant, ".") != ""
}

// ValidWorker tells whether a worker can be called so: 1 to [MaxWorker] letters,
// digits or - _ . @.
func ValidWorker(name string) bool { return validName(name, MaxWorker) }

func validName(name string, limit int) bool {
	if name == "" || len(name) > limit {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '@':
		default:
			return false
		}
	}
	return true
}
