package weights

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"math/bits"

	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
)

// Source is where the weights come from.
type Source interface {
	// List returns every object, by name.
	List(ctx context.Context) ([]Object, error)
	// Checksum returns what the content of an object must add up to; the zero
	// value where the source knows none.
	Checksum(ctx context.Context, object Object) (Checksum, error)
	// Range streams length bytes from offset, and fails if the object is no longer
	// the one that was listed.
	Range(ctx context.Context, object Object, offset, length int64) (io.ReadCloser, error)
}

// Object is one file of the weights.
type Object struct {
	// Name relative to the prefix, with slashes.
	Name string `json:"name"`
	// Size in bytes.
	Size int64 `json:"size"`
	// Version tells this content from any other; an ETag in S3.
	Version string `json:"version"`
}

// Checksum of a whole object.
type Checksum struct {
	// Algorithm is CRC64NVME, CRC32, CRC32C, SHA256 or MD5.
	Algorithm string
	// Value in base64; in hexadecimal for MD5.
	Value string
}

// verifier returns the hash to feed and the text that it must come to.
func (c Checksum) verifier() (hash.Hash, func(hash.Hash) string, error) {
	inBase64 := func(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }
	switch c.Algorithm {
	case "CRC64NVME":
		return crc64.New(crc64.MakeTable(bits.Reverse64(0xad93d23594c93659))), inBase64, nil
	case "CRC32":
		return crc32.NewIEEE(), inBase64, nil
	case "CRC32C":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli)), inBase64, nil
	case "SHA256":
		return sha256.New(), inBase64, nil
	case "MD5":
		return md5.New(), func(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }, nil
	default:
		return nil, nil, fmt.Errorf("unknown checksum algorithm %q", c.Algorithm)
	}
}

// verify reads all of content and compares.
func (c Checksum) verify(content io.Reader) error {
	if c == (Checksum{}) {
		return nil
	}
	sum, text, err := c.verifier()
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(sum, content, make([]byte, 1<<20)); err != nil {
		return err
	}
	if got := text(sum); got != c.Value {
		return fmt.Errorf("its %s is %s, the source says %s", c.Algorithm, got, c.Value)
	}
	return nil
}
