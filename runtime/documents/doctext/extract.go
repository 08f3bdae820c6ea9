package doctext

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/ledongthuc/pdf"

	"tandem/runtime/documents"
)

// extract returns the text of a PDF, page by page. A malformed one may make the
// library panic, which is caught here, or run for ever, which is not.
func extract(content []byte) (text string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			text, err = "", &documents.Rejected{Reason: "the PDF is malformed"}
		}
	}()
	reader, err := pdf.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", &documents.Rejected{Reason: "the PDF cannot be read; it may be malformed or encrypted"}
	}
	var pages []string
	for number := 1; number <= reader.NumPage(); number++ {
		page := reader.Page(number)
		if page.V.IsNull() {
			continue
		}
		plain, err := page.GetPlainText(nil)
		if err != nil {
			return "", &documents.Rejected{Reason: fmt.Sprintf("page %d of the PDF cannot be read", number)}
		}
		pages = append(pages, plain)
	}
	return strings.ToValidUTF8(strings.Join(pages, "\n\n"), "\uFFFD"), nil
}
