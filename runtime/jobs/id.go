package jobs

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
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
	hash := sha256.New()
	write := func(part string) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		hash.Write(length[:])
		hash.Write([]byte(part))
	}
	write(s.Worker)
	write(string(s.Priority))
	write(s.ContentType)
	write(string(s.Input))
	write(s.Upload)
	write(s.Webhook)
	write(fmt.Sprint(millis(s.Deadline)))
	keys := make([]string, 0, len(s.Metadata))
	for key := range s.Metadata {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		write(key)
		write(s.Metadata[key])
	}
	return hash.Sum(nil)[:16]
}
