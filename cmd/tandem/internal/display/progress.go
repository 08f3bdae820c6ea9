package display

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Terminal reports whether a writer is a terminal, where bars make sense and
// binary data does not.
func Terminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Bar shows how far something long has come. Off a terminal it shows nothing.
type Bar struct{ bar *progressbar.ProgressBar }

// Bytes makes a bar for so many bytes; -1 where nobody knows how many.
func Bytes(w io.Writer, description string, total int64) *Bar {
	return newBar(w, total, description, progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true),
		progressbar.OptionShowTotalBytes(true))
}

// Percents makes a bar from 0 to 100.
func Percents(w io.Writer, description string) *Bar {
	return newBar(w, 100, description, progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
}

// Steps makes a bar for so many steps.
func Steps(w io.Writer, description string, total int) *Bar {
	return newBar(w, int64(total), description, progressbar.OptionShowCount())
}

// Spinner makes a bar for something of which nobody knows how long it takes.
func Spinner(w io.Writer, description string) *Bar {
	return newBar(w, -1, description, progressbar.OptionSpinnerType(14), progressbar.OptionShowElapsedTimeOnFinish())
}

func newBar(w io.Writer, total int64, description string, options ...progressbar.Option) *Bar {
	if !Terminal(w) {
		return &Bar{}
	}
	return &Bar{progressbar.NewOptions64(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(Clean(description)),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetRenderBlankState(true),
	}, options...)...)}
}

// Set tells how much is done.
func (b *Bar) Set(done int64) {
	if b.bar != nil {
		_ = b.bar.Set64(done) // what cannot be shown is not missed
	}
}

// Add tells that one step more is done. It may be called from several goroutines.
func (b *Bar) Add() {
	if b.bar != nil {
		_ = b.bar.Add(1)
	}
}

// Describe changes the words beside the bar.
func (b *Bar) Describe(description string) {
	if b.bar != nil {
		b.bar.Describe(Clean(description))
	}
}

// Clear makes room for a line; the bar comes back with what is set next.
func (b *Bar) Clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}

// Done takes the bar away.
func (b *Bar) Done() {
	if b.bar != nil {
		_ = b.bar.Finish()
		_ = b.bar.Exit()
	}
}
