package memory

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// Blobs keeps blobs and serves the links to them. Make one with NewBlobs.
type Blobs struct {
	base   string
	secret []byte
	mu     sync.RWMutex
	blobs  map[string]blob
}

var (
	_ jobs.Blobs   = (*Blobs)(nil)
	_ http.Handler = (*Blobs)(nil)
)

type blob struct {
	contentType string
	content     []byte
}

// NewBlobs makes an empty store whose links begin with base, such as
// http://127.0.0.1:8080/blobs; whoever serves base hands requests to ServeHTTP.
func NewBlobs(base string) *Blobs {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return &Blobs{base: strings.TrimSuffix(base, "/"), secret: secret, blobs: map[string]blob{}}
}

// Put implements jobs.Blobs.
func (b *Blobs) Put(ctx context.Context, key string, body io.Reader, options jobs.PutOptions) (jobs.BlobInfo, error) {
	content, err := io.ReadAll(body)
	if err != nil {
		return jobs.BlobInfo{}, fmt.Errorf("storing blob %s: %w", key, err)
	}
	if options.Size > 0 && int64(len(content)) != options.Size {
		return jobs.BlobInfo{}, fmt.Errorf("storing blob %s: %d bytes were announced and %d came", key, options.Size, len(content))
	}
	if err := ctx.Err(); err != nil {
		return jobs.BlobInfo{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[key] = blob{options.ContentType, content}
	return jobs.BlobInfo{Key: key, ContentType: options.ContentType, Size: int64(len(content))}, nil
}

// Get implements jobs.Blobs.
func (b *Blobs) Get(ctx context.Context, key string) (io.ReadCloser, jobs.BlobInfo, error) {
	info, err := b.Head(ctx, key)
	if err != nil {
		return nil, info, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return reader{bytes.NewReader(b.blobs[key].content)}, info, nil
}

// reader can seek, so that range requests are answered.
type reader struct{ *bytes.Reader }

// Close implements io.Closer.
func (reader) Close() error { return nil }

// Head implements jobs.Blobs.
func (b *Blobs) Head(_ context.Context, key string) (jobs.BlobInfo, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	found, ok := b.blobs[key]
	if !ok {
		return jobs.BlobInfo{}, fmt.Errorf("blob %s: %w", key, jobs.ErrNoBlob)
	}
	return jobs.BlobInfo{Key: key, ContentType: found.contentType, Size: int64(len(found.content))}, nil
}

// Copy implements jobs.Blobs.
func (b *Blobs) Copy(_ context.Context, from, to string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, ok := b.blobs[from]
	if !ok {
		return fmt.Errorf("blob %s: %w", from, jobs.ErrNoBlob)
	}
	b.blobs[to] = found
	return nil
}

// Delete implements jobs.Blobs.
func (b *Blobs) Delete(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.blobs, key)
	return nil
}

// PresignPut implements jobs.Presigner.
func (b *Blobs) PresignPut(_ context.Context, key, contentType string, size int64, valid time.Duration) (jobs.SignedRequest, error) {
	request := b.sign(http.MethodPut, key, contentType, size, valid)
	request.Headers = map[string]string{"Content-Type": contentType, "Content-Length": strconv.FormatInt(size, 10)}
	return request, nil
}

// PresignGet implements jobs.Presigner.
func (b *Blobs) PresignGet(_ context.Context, key string, valid time.Duration) (jobs.SignedRequest, error) {
	return b.sign(http.MethodGet, key, "", 0, valid), nil
}

func (b *Blobs) sign(method, key, contentType string, size int64, valid time.Duration) jobs.SignedRequest {
	expires := time.Now().Add(valid).UTC().Truncate(time.Second)
	unix := strconv.FormatInt(expires.Unix(), 10)
	query := url.Values{"expires": {unix}, "signature": {b.signature(method, key, contentType, size, unix)}}
	location := (&url.URL{Path: key}).EscapedPath()
	return jobs.SignedRequest{Method: method, URL: b.base + "/" + location + "?" + query.Encode(), Expires: expires}
}

func (b *Blobs) signature(method, key, contentType string, size int64, expires string) string {
	mac := hmac.New(sha256.New, b.secret)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%d\n%s", method, key, contentType, size, expires)
	return hex.EncodeToString(mac.Sum(nil))
}

// ServeHTTP answers signed requests. The key is what follows the base's path.
func (b *Blobs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	prefix := "/"
	if base, err := url.Parse(b.base); err == nil {
		prefix = base.Path + "/"
	}
	key, found := strings.CutPrefix(r.URL.Path, prefix)
	if !found || !b.allowed(r, key) {
		http.Error(w, "the link is not valid, or no longer", http.StatusForbidden)
		return
	}
	if r.Method == http.MethodPut {
		_, err := b.Put(r.Context(), key, r.Body, jobs.PutOptions{ContentType: r.Header.Get("Content-Type"), Size: r.ContentLength})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
		return
	}
	content, info, err := b.Get(r.Context(), key)
	if errors.Is(err, jobs.ErrNoBlob) {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	defer content.Close()
	w.Header().Set("Content-Type", info.ContentType)
	http.ServeContent(w, r, "", time.Time{}, content.(reader))
}

func (b *Blobs) allowed(r *http.Request, key string) bool {
	expires := r.URL.Query().Get("expires")
	unix, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || time.Now().Unix() >= unix {
		return false
	}
	var want string
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		want = b.signature(http.MethodGet, key, "", 0, expires)
	case http.MethodPut:
		want = b.signature(http.MethodPut, key, r.Header.Get("Content-Type"), r.ContentLength, expires)
	default:
		return false
	}
	return hmac.Equal([]byte(want), []byte(r.URL.Query().Get("signature")))
}
