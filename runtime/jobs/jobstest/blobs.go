package jobstest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

// RunBlobs proves a store of blobs whose links can be reached over HTTP.
func RunBlobs(t *testing.T, open func(t *testing.T) jobs.Blobs) {
	blobs := open(t)
	for _, test := range blobTests {
		t.Run(test.name, func(t *testing.T) { test.run(t, blobs, "results/"+name("tenant")+"/a b+c=é") })
	}
}

var blobTests = []struct {
	name string
	run  func(t *testing.T, blobs jobs.Blobs, key string)
}{
	{"what is put is got back", func(t *testing.T, blobs jobs.Blobs, key string) {
		for label, content := range map[string][]byte{
			"empty": {}, "small": []byte("42"), "large": bytes.Repeat([]byte("0123456789abcdef"), 2<<20/16+5), "in several parts": pattern(17<<20 + 3),
		} {
			for _, announced := range []int64{-1, int64(len(content))} {
				t.Run(label, func(t *testing.T) {
					info, err := blobs.Put(t.Context(), key, bytes.NewReader(content), jobs.PutOptions{ContentType: "text/plain", Size: announced})
					require.NoError(t, err)
					want := jobs.BlobInfo{Key: key, ContentType: "text/plain", Size: int64(len(content))}
					require.Equal(t, want, info)
					info, err = blobs.Head(t.Context(), key)
					require.NoError(t, err)
					require.Equal(t, want, info)
					body, info, err := blobs.Get(t.Context(), key)
					require.NoError(t, err)
					require.Equal(t, want, info)
					got, err := io.ReadAll(body)
					require.NoError(t, err)
					require.NoError(t, body.Close())
					require.True(t, bytes.Equal(content, got), "%d bytes came back", len(got))
				})
			}
		}
	}},
	{"a body that breaks off leaves nothing", func(t *testing.T, blobs jobs.Blobs, key string) {
		broken := errors.New("the container went away")
		for label, length := range map[string]int{"early": 10, "late": 12 << 20} {
			t.Run(label, func(t *testing.T) {
				body := io.MultiReader(bytes.NewReader(pattern(length)), iotest.ErrReader(broken))
				_, err := blobs.Put(t.Context(), key, body, jobs.PutOptions{Size: -1})
				require.ErrorIs(t, err, broken)
				_, err = blobs.Head(t.Context(), key)
				require.ErrorIs(t, err, jobs.ErrNoBlob)
			})
		}
	}},
	{"a body of another size than announced leaves nothing", func(t *testing.T, blobs jobs.Blobs, key string) {
		for label, length := range map[string]int{"small": 10, "large": 1 << 20} {
			t.Run(label, func(t *testing.T) {
				_, err := blobs.Put(t.Context(), key, bytes.NewReader(pattern(length)), jobs.PutOptions{Size: int64(length) + 1})
				require.ErrorContains(t, err, "announced")
				_, err = blobs.Head(t.Context(), key)
				require.ErrorIs(t, err, jobs.ErrNoBlob)
			})
		}
	}},
	{"a blob that nobody put is not there", func(t *testing.T, blobs jobs.Blobs, key string) {
		_, err := blobs.Head(t.Context(), key)
		require.ErrorIs(t, err, jobs.ErrNoBlob)
		_, _, err = blobs.Get(t.Context(), key)
		require.ErrorIs(t, err, jobs.ErrNoBlob)
		require.ErrorIs(t, blobs.Copy(t.Context(), key, key+"2"), jobs.ErrNoBlob)
		require.NoError(t, blobs.Delete(t.Context(), key))
	}},
	{"a copy outlives the original", func(t *testing.T, blobs jobs.Blobs, key string) {
		put(t, blobs, key, "42")
		require.NoError(t, blobs.Copy(t.Context(), key, key+"-copy"))
		require.NoError(t, blobs.Delete(t.Context(), key))
		_, err := blobs.Head(t.Context(), key)
		require.ErrorIs(t, err, jobs.ErrNoBlob)
		info, err := blobs.Head(t.Context(), key+"-copy")
		require.NoError(t, err)
		require.Equal(t, int64(2), info.Size)
		require.Equal(t, "text/plain", info.ContentType)
	}},
	{"an upload link takes what it was made for", func(t *testing.T, blobs jobs.Blobs, key string) {
		request, err := blobs.PresignPut(t.Context(), key, "image/png", 5, time.Minute)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, follow(t, request, "12345"))
		info, err := blobs.Head(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, jobs.BlobInfo{Key: key, ContentType: "image/png", Size: 5}, info)
	}},
	{"a download link gives the blob", func(t *testing.T, blobs jobs.Blobs, key string) {
		put(t, blobs, key, "42")
		request, err := blobs.PresignGet(t.Context(), key, time.Minute)
		require.NoError(t, err)
		response, err := http.Get(request.URL)
		require.NoError(t, err)
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "42", string(content))
		require.WithinDuration(t, time.Now().Add(time.Minute), request.Expires, 5*time.Second)
	}},
}

func put(t *testing.T, blobs jobs.Blobs, key, content string) {
	t.Helper()
	_, err := blobs.Put(t.Context(), key, strings.NewReader(content), jobs.PutOptions{ContentType: "text/plain", Size: -1})
	require.NoError(t, err)
}

// follow sends a signed request as a caller would and returns the status.
func follow(t *testing.T, request jobs.SignedRequest, body string) int {
	t.Helper()
	sent, err := http.NewRequestWithContext(t.Context(), request.Method, request.URL, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range request.Headers {
		sent.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(sent)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// pattern makes content in which no two parts are alike.
func pattern(length int) []byte {
	content := make([]byte, length)
	state := uint32(1)
	for i := range content {
		state = state*1664525 + 1013904223
		content[i] = byte(state >> 24)
	}
	return content
}
