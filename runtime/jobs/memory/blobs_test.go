package memory_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

const base = "http://local.test/blobs"

func ask(blobs *memory.Blobs, method, link, body string, headers map[string]string) int {
	request := httptest.NewRequest(method, link, strings.NewReader(body))
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	blobs.ServeHTTP(answer, request)
	return answer.Code
}

func TestALinkIsGoodForWhatItWasMadeForAndNothingElse(t *testing.T) {
	blobs := memory.NewBlobs(base)
	_, err := blobs.Put(t.Context(), "results/acme/x", strings.NewReader("42"), jobs.PutOptions{})
	require.NoError(t, err)
	get, err := blobs.PresignGet(t.Context(), "results/acme/x", time.Minute)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, ask(blobs, http.MethodGet, get.URL, "", nil))
	for name, link := range map[string]string{
		"another key":      strings.Replace(get.URL, "acme", "globex", 1),
		"no signature":     base + "/results/acme/x",
		"a later end":      strings.Replace(get.URL, "expires=", "expires=9", 1),
		"no end":           strings.Replace(get.URL, "expires=", "e=", 1),
		"outside the base": strings.Replace(get.URL, "/blobs/", "/", 1),
		"a step upwards":   strings.Replace(get.URL, "/blobs/", "/blobs/../blobs/", 1),
	} {
		require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodGet, link, "", nil), name)
	}
	require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodPut, get.URL, "43", nil), "another method")
	require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodDelete, get.URL, "", nil), "a method that no link allows")
}

func TestAnUploadLinkIsBoundToSizeAndType(t *testing.T) {
	blobs := memory.NewBlobs(base)
	put, err := blobs.PresignPut(t.Context(), "uploads/acme/x", "image/png", 3, time.Minute)
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodPut, put.URL, "1234", put.Headers))
	require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodPut, put.URL, "123", map[string]string{"Content-Type": "text/html"}))
	require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodGet, put.URL, "", nil))
	require.Equal(t, http.StatusOK, ask(blobs, http.MethodPut, put.URL, "123", put.Headers))
}

func TestALinkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blobs := memory.NewBlobs(base)
		_, err := blobs.Put(t.Context(), "k", strings.NewReader("42"), jobs.PutOptions{})
		require.NoError(t, err)
		link, err := blobs.PresignGet(t.Context(), "k", time.Minute)
		require.NoError(t, err)
		time.Sleep(59 * time.Second)
		require.Equal(t, http.StatusOK, ask(blobs, http.MethodGet, link.URL, "", nil))
		time.Sleep(time.Second)
		require.Equal(t, http.StatusForbidden, ask(blobs, http.MethodGet, link.URL, "", nil))
	})
}

func TestALinkToNothingIsNotFound(t *testing.T) {
	blobs := memory.NewBlobs(base)
	link, err := blobs.PresignGet(t.Context(), "k", time.Minute)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, ask(blobs, http.MethodGet, link.URL, "", nil))
}

func TestKeysOfAnyCharactersSurviveTheirLinks(t *testing.T) {
	blobs := memory.NewBlobs(base)
	for _, key := range []string{"a b", "a+b", "a%2Fb", "a?b#c", "é", "a//b", "a&expires=1"} {
		_, err := blobs.Put(t.Context(), key, strings.NewReader("42"), jobs.PutOptions{})
		require.NoError(t, err)
		link, err := blobs.PresignGet(t.Context(), key, time.Minute)
		require.NoError(t, err)
		_, err = url.Parse(link.URL)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, ask(blobs, http.MethodGet, link.URL, "", nil), key)
	}
}

func FuzzServeHTTP(f *testing.F) {
	f.Add("GET", "/blobs/k?expires=99999999999&signature=00")
	f.Add("PUT", "/blobs/../k?expires=1")
	blobs := memory.NewBlobs(base)
	if _, err := blobs.Put(f.Context(), "k", strings.NewReader("42"), jobs.PutOptions{}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		parsed, err := url.Parse(target)
		if err != nil {
			t.Skip()
		}
		answer := httptest.NewRecorder()
		blobs.ServeHTTP(answer, &http.Request{Method: method, URL: parsed, Body: http.NoBody, Header: http.Header{}})
		require.Equal(t, http.StatusForbidden, answer.Code)
	})
}
