package payload_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/payload"
	"tandem/runtime/jobs"
)

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return file
}

func TestAnInputTravelsInlineOrThroughAnUploadSlot(t *testing.T) {
	large := []byte(`"` + strings.Repeat("x", jobs.MaxSubmitInput) + `"`)
	for name, c := range map[string]struct {
		source      payload.Source
		stdin       string
		inline      string
		contentType string
		size        int
	}{
		"no input is none":                     {},
		"data is inline":                       {source: payload.Source{Data: `{"a": 1}`}, inline: `{"a": 1}`},
		"a small JSON file is inline":          {source: payload.Source{File: write(t, "a.json", []byte(`{"a": 2}`))}, inline: `{"a": 2}`, contentType: "application/json", size: 8},
		"a large JSON file is uploaded":        {source: payload.Source{File: write(t, "a.json", large)}, contentType: "application/json", size: len(large)},
		"a PDF is uploaded with its type":      {source: payload.Source{File: write(t, "a.pdf", []byte("%PDF"))}, contentType: "application/pdf", size: 4},
		"an unknown file is bytes":             {source: payload.Source{File: write(t, "a.tandem-unknown", []byte("1"))}, contentType: "application/octet-stream", size: 1},
		"a type that is given counts":          {source: payload.Source{File: write(t, "a.pdf", []byte("1")), ContentType: "text/plain; charset=utf-8"}, contentType: "text/plain", size: 1},
		"JSON on standard input is inline":     {source: payload.Source{File: "-"}, stdin: `[1]`, inline: `[1]`, contentType: "application/octet-stream", size: 3},
		"anything else on standard input goes": {source: payload.Source{File: "-"}, stdin: `hello`, contentType: "application/octet-stream", size: 5},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := payload.Open(c.source, strings.NewReader(c.stdin))
			require.NoError(t, err)
			defer p.Close()
			require.Equal(t, c.inline, string(p.Inline))
			require.Equal(t, c.contentType, p.ContentType)
			require.EqualValues(t, c.size, p.Size)
			require.Equal(t, c.inline == "" && c.size > 0, p.Content != nil)
		})
	}
}

func TestWhatIsReadFromStandardInputIsSentAndForgotten(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	p, err := payload.Open(payload.Source{File: "-"}, bytes.NewReader(content))
	require.NoError(t, err)
	read, err := io.ReadAll(io.NewSectionReader(p.Content, 0, p.Size))
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, read))
	p.Close()
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAnInputThatCannotBeReadSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		source payload.Source
		says   string
	}{
		"both":                  {payload.Source{File: "a", Data: "1"}, "either --input or --data"},
		"data that is no JSON":  {payload.Source{Data: "hello"}, "is not JSON"},
		"data that is large":    {payload.Source{Data: `"` + strings.Repeat("x", jobs.MaxSubmitInput) + `"`}, "larger input by --input"},
		"a file that is absent": {payload.Source{File: filepath.Join(t.TempDir(), "absent")}, "no such file"},
		"a file that is empty":  {payload.Source{File: write(t, "empty.pdf", nil)}, "is empty"},
		"a folder":              {payload.Source{File: t.TempDir()}, "is not a file"},
		"JSON that is none":     {payload.Source{File: write(t, "a.json", []byte("{"))}, "say what it is by --content-type"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := payload.Open(c.source, strings.NewReader(""))
			require.ErrorContains(t, err, c.says)
		})
	}
	broken := errors.New("broken pipe")
	_, err := payload.Open(payload.Source{File: "-"}, iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}
