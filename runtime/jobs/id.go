package jobs

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

// IDs makes ids and tokens; tests give their own.
type IDs interface {
	// NewID returns a UUID, one after another in order of time.
	NewID() string
	// NewToken returns 64 random bits in base64.
	NewToken() string
}

// RandomIDs makes UUIDs version 7 and tokens from the system's randomness.
type RandomIDs struct{}

// NewID implements IDs.
func (RandomIDs) NewID() string { return uuid.Must(uuid.NewV7()).String() }

// NewToken implements IDs.
func (RandomIDs) NewToken() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// IdempotentID derives a job's id from the tenant and the caller's key, so
// that submitting is one conditional write: a UUID version 8.
func IdempotentID(tenant, key string) string {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(tenant)) + ":" + tenant + key))
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// hashRequest identifies a submission: 16 bytes of SHA-256 over all that the
// caller chose.
func hashRequest(s Submission) []byte {
	var room [1024]byte // on the stack, enough for a small request
	said := room[:0]
	for _, part := range [...]string{s.Worker, string(s.Priority), s.ContentType} {
		said = appendPart(said, part)
	}
	said = appendPart(said, s.Input)
	for _, part := range [...]string{s.Upload, s.Webhook, strconv.FormatInt(millis(s.Deadline), 10)} {
		said = appendPart(said, part)
	}
	keys := make([]string, 0, len(s.Metadata))
	for key := range s.Metadata {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		said = appendPart(appendPart(said, key), s.Metadata[key])
	}
	sum := sha256.Sum256(said)
	return sum[:16]
}

// appendPart writes a part behind its length, so that no two lists of parts
// are written alike.
func appendPart[T string | []byte](to []byte, part T) []byte {
	return append(binary.BigEndian.AppendUint64(to, uint64(len(part))), part...)
}
