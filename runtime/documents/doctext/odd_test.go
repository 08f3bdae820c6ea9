package doctext_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"fmt"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
)

// compressed makes a PDF of one page whose content is a piece, many times.
func compressed(t *testing.T, piece string, times int) []byte {
	t.Helper()
	var stream bytes.Buffer
	deflate := zlib.NewWriter(&stream)
	_, err := deflate.Write([]byte("BT /F1 12 Tf 10 100 Td "))
	require.NoError(t, err)
	block := bytes.Repeat([]byte(piece), 1024)
	for range times / 1024 {
		_, err := deflate.Write(block)
		require.NoError(t, err)
	}
	_, err = deflate.Write([]byte(" ET"))
	require.NoError(t, err)
	require.NoError(t, deflate.Close())
	var out bytes.Buffer
	var offsets []int
	object := func(content []byte) {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(offsets), content)
	}
	out.WriteString("%PDF-1.4\n")
	object([]byte("<< /Type /Catalog /Pages 2 0 R >>"))
	object([]byte("<< /Type /Pages /Count 1 /Kids [4 0 R] >>"))
	object([]byte("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"))
	object([]byte("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>"))
	object(fmt.Appendf(nil, "<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", stream.Len(), stream.Bytes()))
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return out.Bytes()
}

func TestACompressedPageIsRead(t *testing.T) {
	text, err := reader(t).Text(t.Context(), ".pdf", compressed(t, "(word ) Tj ", 1024))
	require.NoError(t, err)
	require.Contains(t, text, "word word")
}

// A few hundred kilobytes that unpack to hundreds of megabytes.
func TestAPDFThatUnpacksToFarMoreIsRejected(t *testing.T) {
	for name, piece := range map[string]string{"of text": "(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ", "of nothing": "                                                                "} {
		t.Run(name, func(t *testing.T) {
			bomb := compressed(t, piece, 3<<20)
			require.Less(t, len(bomb), 2<<20)
			began := time.Now()
			_, err := reader(t).Text(t.Context(), ".pdf", bomb)
			var rejected *documents.Rejected
			require.ErrorAs(t, err, &rejected)
			require.Less(t, time.Since(began), 15*time.Second)
		})
	}
}

func TestWhatIsNoDocumentOfItsKindIsRejected(t *testing.T) {
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	part, err := writer.Create("word/document.xml")
	require.NoError(t, err)
	_, err = part.Write([]byte("<w:document/>"))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	encrypted := bytes.Replace(write("secret"), []byte("/Root 1 0 R"),
		[]byte("/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O (01234567890123456789012345678901) /U (01234567890123456789012345678901) >> /ID [(0123456789012345) (0123456789012345)]"), 1)
	var wide []byte
	for _, unit := range utf16.Encode([]rune("Wide text")) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	for name, test := range map[string]struct {
		suffix  string
		content []byte
	}{
		"an encrypted PDF":               {".pdf", encrypted},
		"a Word document that says .pdf": {".pdf", archive.Bytes()},
		"a Word document that says .txt": {".txt", archive.Bytes()},
		"an image that says .md":         {".md", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")},
		"text in UTF-16":                 {".txt", append([]byte{0xff, 0xfe}, wide...)},
		"bytes in the midst of text":     {".txt", []byte("text \x00\x01\x02\x00 text")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reader(t).Text(t.Context(), test.suffix, test.content)
			var rejected *documents.Rejected
			require.ErrorAs(t, err, &rejected)
			require.NotEmpty(t, rejected.Reason)
			t.Log(rejected.Reason)
		})
	}
}

func TestAPDFIsOneByWhateverName(t *testing.T) {
	text, err := reader(t).Text(t.Context(), ".txt", write("Inside"))
	require.NoError(t, err)
	require.Contains(t, text, "Inside")
	require.NotContains(t, text, "%PDF")
}

func TestAMarkAtTheBeginningOfATextIsNoPartOfIt(t *testing.T) {
	text, err := reader(t).Text(t.Context(), ".txt", []byte("\ufeffText"))
	require.NoError(t, err)
	require.Equal(t, "Text", text)
}
