package traces

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// rows splits the lines of a CSV into the columns that its header names.
type rows struct {
	names  []string
	fields [][]byte
}

func (r *rows) header(line string) {
	line = strings.TrimPrefix(strings.TrimSpace(line), "\ufeff")
	r.names = nil
	for _, name := range strings.Split(line, ",") {
		r.names = append(r.names, strings.Trim(strings.TrimSpace(name), `"`))
	}
	r.fields = make([][]byte, len(r.names))
}

// column of a name, whatever its case; -1 where there is none.
func (r *rows) column(name string) int {
	return slices.IndexFunc(r.names, func(other string) bool { return strings.EqualFold(name, other) })
}

// split fills fields from a row, whose memory they share.
func (r *rows) split(row []byte) error {
	if bytes.IndexByte(row, '"') >= 0 {
		return r.splitQuoted(row)
	}
	count := 0
	for more := true; more; count++ {
		var field []byte
		if field, row, more = bytes.Cut(row, []byte{','}); count < len(r.fields) {
			r.fields[count] = bytes.TrimSpace(field)
		}
	}
	return r.checkCount(count)
}

func (r *rows) splitQuoted(row []byte) error {
	fields, err := csv.NewReader(bytes.NewReader(row)).Read()
	if err != nil {
		return fmt.Errorf("%q: %w", row, err)
	}
	for i := range min(len(fields), len(r.fields)) {
		r.fields[i] = []byte(strings.TrimSpace(fields[i]))
	}
	return r.checkCount(len(fields))
}

func (r *rows) checkCount(count int) error {
	if count != len(r.names) {
		return fmt.Errorf("has %d columns, and the first line has %d: %s", count, len(r.names), strings.Join(r.names, ","))
	}
	return nil
}
