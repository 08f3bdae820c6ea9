// Package payload reads a job's input from where the user has it, and decides
// how it travels: inline with the request, or through an upload slot.
package payload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"

	"tandem/runtime/jobs"
)

// Source says where an input is. Either File or Data; neither is the input null.
type Source struct {
	// File to read; "-" is standard input.
	File string
	// Data is the input itself, in JSON.
	Data string
	// ContentType of a file. Defaults to what its name says.
	ContentType string
}

// Payload is an input that is ready to be sent. Close it.
type Payload struct {
	// Inline is set where the input is JSON and small enough to go with the request.
	Inline json.RawMessage
	// Content is set otherwise, with its size in bytes and its type.
	Content     io.ReaderAt
	Size        int64
	ContentType string

	close func()
}

// Close lets go of files.
func (p *Payload) Close() {
	if p.close != nil {
		p.close()
	}
}

// Open finds the input. Standard input is read to its end first, as the size of
// an upload must be known.
func Open(source Source, stdin io.Reader) (*Payload, error) {
	switch {
	case source.File != "" && source.Data != "":
		return nil, errors.New("give either --input or --data")
	case source.Data != "":
		if !json.Valid([]byte(source.Data)) {
			return nil, errors.New("--data is not JSON; a text is written in quotes: --data '\"text\"', and a file is given by --input")
		}
		if len(source.Data) > jobs.MaxSubmitInput {
			return nil, fmt.Errorf("--data may have %d bytes; give a larger input by --input", jobs.MaxSubmitInput)
		}
		return &Payload{Inline: json.RawMessage(source.Data)}, nil
	case source.File == "":
		return &Payload{}, nil
	}
	file, cleanup, err := open(source.File, stdin)
	if err != nil {
		return nil, fmt.Errorf("reading the input: %w", err)
	}
	p := &Payload{Content: file, ContentType: source.ContentType, close: cleanup}
	if err := p.classify(file, source.File); err != nil {
		cleanup()
		return nil, fmt.Errorf("reading the input: %w", err)
	}
	return p, nil
}

func open(name string, stdin io.Reader) (*os.File, func(), error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		return file, func() { file.Close() }, nil
	}
	file, err := os.CreateTemp("", "tandem-input-")
	if err != nil {
		return nil, nil, err
	}
	cleanup := func() {
		file.Close()
		_ = os.Remove(file.Name())
	}
	if _, err := io.Copy(file, stdin); err != nil {
		cleanup()
		return nil, nil, err
	}
	return file, cleanup, nil
}

// classify finds out size and type, and keeps small JSON inline.
func (p *Payload) classify(file *os.File, name string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", name)
	}
	if p.Size = info.Size(); p.Size == 0 {
		return fmt.Errorf("%s is empty", name)
	}
	if p.ContentType == "" {
		p.ContentType = mime.TypeByExtension(filepath.Ext(name))
	}
	media, _, _ := mime.ParseMediaType(p.ContentType)
	if p.Size > jobs.MaxSubmitInput || media != "application/json" && (media != "" || name != "-") {
		p.settle(media)
		return nil
	}
	content := make([]byte, p.Size)
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, p.Size), content); err != nil {
		return err
	}
	switch valid := json.Valid(content); {
	case valid:
		p.Inline, p.Content = content, nil
	case media == "application/json":
		return fmt.Errorf("%s is not JSON; say what it is by --content-type", name)
	}
	p.settle(media)
	return nil
}

// settle leaves a content type that an upload slot takes: the media type alone.
func (p *Payload) settle(media string) {
	if p.ContentType = media; media == "" {
		p.ContentType = "application/octet-stream"
	}
}
