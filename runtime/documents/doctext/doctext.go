// Package doctext makes plain text of documents: of PDFs that hold text, and of
// files that are text. It reads no scans.
//
// PDFs come from anybody, and a malformed one can make a parser run for ever or
// exhaust the stack, which would end the function. So each is read by a process
// of its own, the same program once more, which may be killed: the main of a
// program that uses [Reader] calls [Child] first.
package doctext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/runtime/documents"
)

// Reader reads documents.
type Reader struct {
	// Program whose main calls Child. Defaults to the running one.
	Program string
	// Timeout of reading one PDF. Defaults to 20 s.
	Timeout time.Duration
}

// childArgument makes the program a child.
const childArgument = "read-pdf"

// Text returns the text of a document by its suffix, in lower case, but that a PDF
// is one by whatever name. A document without text is a *documents.Rejected.
func (r Reader) Text(ctx context.Context, suffix string, content []byte) (string, error) {
	text := strings.TrimPrefix(string(content), "\ufeff")
	isPDF := suffix == ".pdf" || bytes.HasPrefix(content, []byte("%PDF-"))
	if isPDF {
		read, err := r.pdf(ctx, content)
		if err != nil {
			return "", err
		}
		text = read
	}
	switch {
	case !utf8.ValidString(text):
		return "", &documents.Rejected{Reason: "the document is not text in UTF-8"}
	case !isPDF && strings.ContainsRune(text, 0):
		return "", &documents.Rejected{Reason: "the document is not text: it holds bytes that no text has"}
	case strings.TrimSpace(text) == "":
		return "", &documents.Rejected{Reason: "the document holds no text; scans must be recognised first"}
	default:
		return text, nil
	}
}

// maxText bounds what is taken from a child, in bytes.
const maxText = 64 << 20

func (r Reader) pdf(ctx context.Context, content []byte) (string, error) {
	if r.Timeout == 0 {
		r.Timeout = 20 * time.Second
	}
	if r.Program == "" {
		program, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("finding the program that reads PDFs: %w", err)
		}
		r.Program = program
	}
	limited, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	child := exec.CommandContext(limited, r.Program, childArgument)
	child.Env = []string{"GOMAXPROCS=1"} // no credentials, and no collector beside it
	child.Stdin = bytes.NewReader(content)
	out, err := child.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("starting a process to read a PDF: %w", err)
	}
	if err := child.Start(); err != nil {
		return "", fmt.Errorf("starting a process to read a PDF: %w", err)
	}
	answer, readErr := io.ReadAll(io.LimitReader(out, maxText))
	if len(answer) == maxText {
		cancel()
	}
	err = errors.Join(readErr, child.Wait())
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil || len(answer) == 0:
		return "", &documents.Rejected{Reason: "the PDF cannot be read; it may be malformed"}
	case answer[0] == rejected:
		return "", &documents.Rejected{Reason: string(answer[1:])}
	default:
		return string(answer[1:]), nil
	}
}

// The first byte of a child's answer.
const (
	accepted byte = '+'
	rejected byte = '-'
)

// maxMemory of a child, in bytes: half of what the function has by default.
const maxMemory = 512 << 20

// Child does a child's work and returns true if that is what the program was
// started for: it reads a PDF from in and writes its text to out.
func Child(arguments []string, in io.Reader, out io.Writer) bool {
	if len(arguments) != 2 || arguments[1] != childArgument {
		return false
	}
	debug.SetMaxStack(64 << 20)
	limitMemory(maxMemory)
	content, err := io.ReadAll(in)
	if err != nil {
		return true // no answer is an answer
	}
	text, err := extract(content)
	if err != nil {
		_, _ = fmt.Fprintf(out, "%c%s", rejected, err)
		return true
	}
	_, _ = fmt.Fprintf(out, "%c%s", accepted, text)
	return true
}
