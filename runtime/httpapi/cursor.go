package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"tandem/runtime/jobs"
)

// A cursor is that of jobs.Service with a check of 9 bytes over the tenant and
// the filters, so that one that was cut, mistyped or taken to another list is
// refused rather than misread. It is no secret and needs no key: whatever it
// says, a page holds the caller's own jobs only.
const checkSize = 9

func sealCursor(cursor, tenant string, filter jobs.Filter) string {
	if cursor == "" {
		return ""
	}
	return cursor + "." + cursorCheck(cursor, tenant, filter)
}

func openCursor(sealed, tenant string, filter jobs.Filter) (string, bool) {
	cursor, check, _ := strings.Cut(sealed, ".")
	want := cursorCheck(cursor, tenant, filter)
	return cursor, cursor != "" && subtle.ConstantTimeCompare([]byte(check), []byte(want)) == 1
}

func cursorCheck(cursor, tenant string, filter jobs.Filter) string {
	hash := sha256.New()
	write := func(part string) {
		hash.Write([]byte{byte(len(part) >> 8), byte(len(part))})
		hash.Write([]byte(part))
	}
	write("cursor 1")
	write(cursor)
	write(tenant)
	write(filter.Worker)
	for _, state := range filter.States {
		write(string(state))
	}
	if !filter.CreatedFrom.IsZero() {
		write("from " + filter.CreatedFrom.UTC().Format(time.RFC3339Nano))
	}
	if !filter.CreatedBefore.IsZero() {
		write("before " + filter.CreatedBefore.UTC().Format(time.RFC3339Nano))
	}
	return base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:checkSize])
}
