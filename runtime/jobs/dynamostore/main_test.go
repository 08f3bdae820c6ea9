package dynamostore_test

import (
	"os"
	"testing"

	"tandem/test/dynamolocal"
)

func TestMain(m *testing.M) { os.Exit(dynamolocal.Run(m)) }
