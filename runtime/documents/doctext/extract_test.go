package doctext_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/doctext"
)

// write makes a PDF of one page a text.
func write(pages ...string) []byte {
	var out bytes.Buffer
	var offsets []int
	object := func(format string, values ...any) {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(offsets)}, values...)...)
	}
	out.WriteString("%PDF-1.4\n")
	kids := make([]string, len(pages))
	for i := range pages {
		kids[i] = fmt.Sprintf("%d 0 R", 4+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Count %d /Kids [%s] >>", len(pages), strings.Join(kids, " "))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	for i, page := range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>", 5+2*i)
		content := fmt.Sprintf("BT /F1 12 Tf 10 100 Td (%s) Tj ET", page)
		if page == "" {
			content = "0 0 10 10 re f"
		}
		object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return out.Bytes()
}

func TestTextIsTakenFromDocuments(t *testing.T) {
	text, err := reader(t).Text(t.Context(), ".pdf", write("The first page", "The second"))
	require.NoError(t, err)
	require.Contains(t, text, "The first page")
	require.Contains(t, text, "The second")
	require.Less(t, strings.Index(text, "first"), strings.Index(text, "second"))

	text, err = reader(t).Text(t.Context(), ".md", []byte("# Täxt\n"))
	require.NoError(t, err)
	require.Equal(t, "# Täxt\n", text)
}

func TestDocumentsWithoutTextAreRejected(t *testing.T) {
	whole := write("text")
	tests := map[string]struct {
		suffix  string
		content []byte
		want    string
	}{
		"an empty file":    {".txt", nil, "no text"},
		"spaces":           {".txt", []byte(" \n"), "no text"},
		"bytes":            {".txt", []byte{0xff, 0xfe}, "UTF-8"},
		"a scan":           {".pdf", write(""), "no text"},
		"no PDF":           {".pdf", []byte("hello"), "PDF"},
		"a PDF cut short":  {".pdf", whole[:len(whole)/2], "PDF"},
		"a PDF of nothing": {".pdf", nil, "PDF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := reader(t).Text(t.Context(), test.suffix, test.content)
			var rejected *documents.Rejected
			require.ErrorAs(t, err, &rejected)
			require.Contains(t, rejected.Reason, test.want)
		})
	}
}

func TestAPDFThatWouldRunForEverIsRejected(t *testing.T) {
	cyclic := bytes.Replace(write("text"), []byte("/Count 1 /Kids [4 0 R]"), []byte("/Count 9 /Kids [2 0 R]"), 1)
	began := time.Now()
	_, err := doctext.Reader{Timeout: 2 * time.Second}.Text(t.Context(), ".pdf", cyclic)
	var rejected *documents.Rejected
	require.ErrorAs(t, err, &rejected)
	require.Less(t, time.Since(began), 10*time.Second)

	_, err = doctext.Reader{Program: "/bin/sh", Timeout: 50 * time.Millisecond}.Text(t.Context(), ".pdf", nil)
	require.ErrorAs(t, err, &rejected, "a process that says nothing")
}

func TestACallerThatHasNoTimeLeftIsNotTheDocumentsFault(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := reader(t).Text(ctx, ".pdf", write("text"))
	require.ErrorIs(t, err, context.Canceled)
	_, err = doctext.Reader{Program: "/nowhere"}.Text(t.Context(), ".pdf", write("text"))
	require.ErrorContains(t, err, "starting a process")
}

// reader uses the test binary as its own child; see TestMain.
func reader(testing.TB) doctext.Reader { return doctext.Reader{Timeout: 10 * time.Second} }

func TestMain(m *testing.M) {
	if doctext.Child(os.Args, os.Stdin, os.Stdout) {
		return
	}
	os.Exit(m.Run())
}

func FuzzPDF(f *testing.F) {
	f.Add(write("text"))
	f.Add(bytes.Replace(write("text"), []byte("/Length"), []byte("/Length 2 0 R %"), 1))
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := reader(t).Text(t.Context(), ".pdf", content); err != nil {
			var rejected *documents.Rejected
			require.ErrorAs(t, err, &rejected)
		}
	})
}
