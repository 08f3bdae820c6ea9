// Package gpu holds tests for machines with an NVIDIA driver: what the health
// agent reads is compared with nvidia-smi, and a real error is provoked. Elsewhere
// they are skipped. They change no setting of a GPU and reset none.
package gpu

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// SMI asks nvidia-smi.
type SMI struct{ path string }

// FindSMI looks for nvidia-smi and asks it whether there is a driver.
func FindSMI(ctx context.Context) (*SMI, error) {
	path, err := exec.LookPath("nvidia-smi")
	if err != nil {
		return nil, fmt.Errorf("this machine has no NVIDIA driver: %w", err)
	}
	smi := &SMI{path: path}
	if _, err := smi.Query(ctx, "gpu", "driver_version"); err != nil {
		return nil, fmt.Errorf("this machine's NVIDIA driver does not answer: %w", err)
	}
	return smi, nil
}

// Query asks for one field of all devices, such as temperature.gpu of gpu. A
// device that does not offer it has an empty value.
func (s *SMI) Query(ctx context.Context, of, field string) ([]string, error) {
	output, err := exec.CommandContext(ctx, s.path, "--query-"+of+"="+field, "--format=csv,noheader,nounits").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("nvidia-smi --query-%s=%s: %w: %s", of, field, err, output)
	}
	var values []string
	for line := range strings.Lines(string(output)) {
		value := strings.TrimSpace(line)
		if strings.HasPrefix(value, "[") || strings.EqualFold(value, "N/A") || strings.EqualFold(value, "[N/A]") {
			value = ""
		}
		values = append(values, value)
	}
	return values, nil
}

// Number of a value as nvidia-smi writes it: decimal, 0x..., Yes or No.
func Number(value string) (float64, error) {
	switch strings.ToLower(value) {
	case "yes":
		return 1, nil
	case "no":
		return 0, nil
	}
	if hexadecimal, found := strings.CutPrefix(strings.ToLower(value), "0x"); found {
		bits, err := strconv.ParseUint(hexadecimal, 16, 64)
		if err != nil {
			return 0, fmt.Errorf("reading nvidia-smi's %q: %w", value, err)
		}
		return float64(bits), nil
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0, fmt.Errorf("reading nvidia-smi's %q: %w", value, err)
	}
	return number, nil
}
