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

// validTenant tells whether a tenant can be part of a key: letters, digits and
// the characters - _ . @ but not only dots.
func validTenant(tenant string) bool {
	return validName(tenant, MaxTenant) && strings.Trim(tenant, ".") != ""
}

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
