// Package pci writes the address of a PCI device in one form, since the driver's
// library, the kernel log and tools each have their own.
package pci

import (
	"strconv"
	"strings"
)

// Address returns the form domain:bus:device.function of the kernel, such as
// 0000:00:1e.0, for what NVML writes (00000000:00:1E.0), what the driver logs
// (PCI:0000:00:1e, 0000:00:1e, 0000:00:1e.0) and what old drivers logged
// (00:1e). It is empty for anything else.
func Address(text string) string {
	text = strings.TrimSpace(text)
	text = strings.TrimPrefix(text, "PCI:")
	function := "0"
	if at := strings.LastIndexByte(text, '.'); at >= 0 {
		text, function = text[:at], text[at+1:]
	}
	parts := strings.Split(text, ":")
	switch len(parts) {
	case 2:
		parts = []string{"0", parts[0], parts[1]}
	case 3:
	default:
		return ""
	}
	domain, domainErr := strconv.ParseUint(parts[0], 16, 32)
	bus, busErr := strconv.ParseUint(parts[1], 16, 8)
	device, deviceErr := strconv.ParseUint(parts[2], 16, 8)
	number, numberErr := strconv.ParseUint(function, 16, 4)
	if domainErr != nil || busErr != nil || deviceErr != nil || numberErr != nil || device > 31 || number > 7 {
		return ""
	}
	return pad(domain, 4) + ":" + pad(bus, 2) + ":" + pad(device, 2) + "." + strconv.FormatUint(number, 16)
}

func pad(value uint64, width int) string {
	text := strconv.FormatUint(value, 16)
	if len(text) < width {
		text = strings.Repeat("0", width-len(text)) + text
	}
	return text
}
