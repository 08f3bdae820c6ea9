package program

import (
	"fmt"
	"io"

	"tandem/gpuagent/internal/explain"
	"tandem/gpuagent/internal/xid"
	"tandem/runtime/settings"
)

// explainReason says what a reason means in this deployment.
func explainReason(output io.Writer, config settings.Agent, reason string) error {
	table, err := xid.Load(config.XIDs)
	if err != nil {
		return err
	}
	text, err := explain.Reason(table, reason)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(output, text)
	return err
}
