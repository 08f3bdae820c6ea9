package memory_test

import (
	"testing"

	"tandem/runtime/keys"
	"tandem/runtime/keys/keystest"
	"tandem/runtime/keys/memory"
)

func TestMemoryStoreConforms(t *testing.T) {
	keystest.Run(t, func(*testing.T) keys.Store { return &memory.Store{} })
}
