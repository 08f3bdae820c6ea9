package experiment

import (
	"tandem/config"
	"tandem/runtime/capacity"
)

// windowOf is a window of a configuration as the policy has it.
func windowOf(window config.Window) (capacity.Window, error) {
	return capacity.ReadWindow(window.Days, window.From, window.To, window.TimeZone, window.Minimum)
}
