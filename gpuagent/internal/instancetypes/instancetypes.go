// Package instancetypes knows how many GPUs an EC2 instance should have, so that
// one which lost a GPU before anybody looked is found out.
package instancetypes

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed gpus.csv
var table string

// GPUs is how many whole GPUs an instance of this type has; false for a type
// that the table does not know or that has only a part of one, about which
// nothing can be said.
func GPUs(instanceType string) (int, bool) {
	if instanceType == "" || strings.ContainsAny(instanceType, ",\n#") {
		return 0, false
	}
	_, row, found := strings.Cut(table, "\n"+instanceType+",")
	if !found {
		return 0, false
	}
	count, _, _ := strings.Cut(row, ",")
	gpus, err := strconv.Atoi(count)
	return gpus, err == nil && gpus > 0
}
