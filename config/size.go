package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Size is an amount of memory or storage in bytes, written as 512MiB or 16GiB.
// Units are binary: KiB, MiB, GiB, TiB.
type Size int64

// The units of size.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

const sizePattern = `^[0-9]+(KiB|MiB|GiB|TiB)$`

var sizeSyntax = regexp.MustCompile(`^([0-9]+)(KiB|MiB|GiB|TiB)$`)

func sizeUnit(name string) Size {
	return map[string]Size{"KiB": KiB, "MiB": MiB, "GiB": GiB, "TiB": TiB}[name]
}

// ParseSize reads a size, such as 16GiB.
func ParseSize(text string) (Size, error) {
	parts := sizeSyntax.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a size: write a whole number with a binary unit, such as 512MiB or 16GiB", text)
	}
	unit := sizeUnit(parts[2])
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, fmt.Errorf("%q is larger than 8192 PiB", text)
	}
	return Size(n) * unit, nil
}

// Bytes is the size in bytes.
func (s Size) Bytes() int64 { return int64(s) }

// MiB is the size in whole mebibytes, rounded down.
func (s Size) MiB() int { return int(s / MiB) }

// GiB is the size in whole gibibytes, rounded up: what EBS volumes count in.
func (s Size) GiB() int { return int((s + GiB - 1) / GiB) }

// String is the size in the largest unit that divides it. Sizes below one
// KiB, which cannot be written in YAML, are rounded up.
func (s Size) String() string {
	for _, unit := range []struct {
		size Size
		name string
	}{{TiB, "TiB"}, {GiB, "GiB"}, {MiB, "MiB"}} {
		if s >= unit.size && s%unit.size == 0 {
			return fmt.Sprintf("%d%s", s/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%dKiB", (s+KiB-1)/KiB)
}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// MarshalText writes a size.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
