package jobs

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// A cursor is a position in the caller's own list: 8 bytes of milliseconds and
// 16 of the id, in base64. It needs no signature, as every page is read within
// the caller's tenant whatever the cursor says.
const cursorSize = 8 + 16

func formatCursor(p Position) string {
	raw := make([]byte, 0, cursorSize)
	raw = binary.BigEndian.AppendUint64(raw, uint64(p.Created.UnixMilli()))
	id, err := uuid.Parse(p.ID)
	if err != nil {
		id = uuid.Nil
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, id[:]...))
}

// parseCursor reads what formatCursor wrote; nil for the empty cursor.
func parseCursor(cursor string) (*Position, error) {
	if cursor == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != cursorSize {
		return nil, ErrBadCursor
	}
	millis := binary.BigEndian.Uint64(raw)
	if millis > maxMillis {
		return nil, ErrBadCursor
	}
	return &Position{Created: time.UnixMilli(int64(millis)).UTC(), ID: uuid.UUID(raw[8:]).String()}, nil
}

// maxMillis is the end of the year 9999.
const maxMillis = 253402300799999
