package network_test

import (
	"testing"

	"tandem/constructs/constructstest"
)

func TestMain(m *testing.M) { constructstest.Main(m) }
