package documents

import (
	"crypto/sha256"
	"encoding/hex"
)

// ID identifies a source: 40 hexadecimal digits, whatever the length of its key.
func (s Source) ID() string {
	hash := sha256.New()
	for _, part := range []string{s.Bucket, s.Key, s.Version} {
		hash.Write([]byte{byte(len(part) >> 8), byte(len(part))})
		hash.Write([]byte(part))
	}
	return hex.EncodeToString(hash.Sum(nil)[:20])
}
