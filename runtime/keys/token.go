package keys

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Prefix starts every key, so that people and secret scanners recognise one:
// tdm_<16 of a-z2-7>.<43 of base64url>.
const Prefix = "tdm_"

const (
	idBytes     = 10 // 80 bits: unique without coordination, and no secret
	secretBytes = 32
	idLength    = 16
	tokenLength = len(Prefix) + idLength + 1 + 43
)

// ErrMalformed says that a text cannot be a key.
var ErrMalformed = errors.New("not a key of this API: keys look like tdm_<id>.<secret>")

const base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567"

var (
	lowerBase32  = base32.NewEncoding(base32Alphabet).WithPadding(base32.NoPadding)
	strictBase64 = base64.RawURLEncoding.Strict()
)

// Token is the whole key, shown once. It must not be logged or stored;
// printing it through fmt or slog shows only the identifier.
type Token struct {
	ID     string
	secret [secretBytes]byte
}

// NewToken makes a token from a source of randomness, crypto/rand's Reader but in tests.
func NewToken(random io.Reader) (Token, error) {
	var raw [idBytes]byte
	var token Token
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return Token{}, fmt.Errorf("reading random bytes for a key's id: %w", err)
	}
	if _, err := io.ReadFull(random, token.secret[:]); err != nil {
		return Token{}, fmt.Errorf("reading random bytes for a key's secret: %w", err)
	}
	token.ID = lowerBase32.EncodeToString(raw[:])
	return token, nil
}

// ParseToken reads what [Token.Reveal] wrote. The error never repeats the text.
func ParseToken(text string) (Token, error) {
	id, secret, found := strings.Cut(strings.TrimPrefix(text, Prefix), ".")
	if len(text) != tokenLength || !strings.HasPrefix(text, Prefix) || !found || len(id) != idLength {
		return Token{}, ErrMalformed
	}
	// 16 digits are 80 bits: any of the alphabet's are an id.
	if strings.Trim(id, base32Alphabet) != "" {
		return Token{}, ErrMalformed
	}
	token := Token{ID: id}
	// 43 digits are 32 bytes, no more.
	if n, err := strictBase64.Decode(token.secret[:], []byte(secret)); err != nil || n != secretBytes {
		return Token{}, ErrMalformed
	}
	return token, nil
}

// Reveal returns the text that the caller presents.
func (t Token) Reveal() string {
	return Prefix + t.ID + "." + base64.RawURLEncoding.EncodeToString(t.secret[:])
}

// Hash is what is kept of the secret.
func (t Token) Hash() Hash { return sha256.Sum256(t.secret[:]) }

// String hides the secret.
func (t Token) String() string { return Prefix + t.ID + ".***" }

// GoString hides the secret.
func (t Token) GoString() string { return t.String() }

// MarshalText hides the secret from encoders, slog's JSON handler among them.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
