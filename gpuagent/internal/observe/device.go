package observe

// Device is one GPU as the driver reports it. A reading that a device or a
// driver does not offer is nil; it is never zero in its place.
type Device struct {
	Index int
	// UUID such as GPU-8f9a...; empty where a lost device no longer says.
	UUID string
	Name string
	// PCI address such as 00000000:00:1E.0.
	PCI string
	// Lost is set when the driver no longer reaches the device.
	Lost bool
	// Err is why the device could not be read, other than being lost.
	Err error

	// Temperature and memory temperature in degrees Celsius.
	Temperature, MemoryTemperature *float64
	// Power draw and its limit in watts; Energy in joules since the driver was loaded.
	Power, PowerLimit, Energy *float64
	// Utilisation of the compute and the memory units in percent.
	Utilisation, MemoryUtilisation *float64
	// SMClock and MemoryClock in MHz.
	SMClock, MemoryClock *float64
	// MemoryUsed, MemoryFree and MemoryReserved in bytes.
	MemoryUsed, MemoryFree, MemoryReserved *uint64

	// ECC counts of errors that could not be corrected; volatile ones since the
	// driver was loaded, aggregate ones over the device's life.
	ECCVolatile, ECCAggregate *uint64
	// Corrected single-bit counts, for the metrics.
	ECCVolatileCorrected, ECCAggregateCorrected *uint64

	// RemappedRows as NVML reports them; nil before Ampere.
	RemappedRows *RemappedRows
	// RetiredPages as NVML reports them; nil from Ampere on.
	RetiredPages *RetiredPages

	// ThrottleReasons is NVML's bit mask of reasons why clocks are held down; see Throttle....
	ThrottleReasons *uint64

	// PCIe link: what it runs at and the most that device and slot can.
	PCIe *PCIeLink
	// PCIeReplays counts retransmissions since the driver was loaded.
	PCIeReplays *uint64

	// NVLinks by index; only those that exist.
	NVLinks []NVLink
	// Fabric of an NVSwitch system; nil elsewhere.
	Fabric *Fabric

	// RecoveryAction is the driver's own verdict (NVML_FI_DEV_GET_GPU_RECOVERY_ACTION);
	// nil with drivers that have none.
	RecoveryAction *RecoveryAction

	// Processes that compute on the device, by process id on the host.
	Processes []int
}

// Bits of Device.ThrottleReasons that checks look at
// (nvml.h, nvmlClocksEventReasons, 2026-11-24).
const (
	ThrottleHWSlowdown   = 0x8
	ThrottleSWThermal    = 0x20
	ThrottleHWThermal    = 0x40
	ThrottleHWPowerBrake = 0x80
)

// RemappedRows of a device from Ampere on.
type RemappedRows struct {
	Correctable, Uncorrectable int
	// Pending takes a reset of the device; Failed takes its replacement.
	Pending, Failed bool
}

// RetiredPages of a device before Ampere.
type RetiredPages struct {
	SingleBit, DoubleBit int
	// Pending takes a reset of the device.
	Pending bool
}

// PCIeLink is generation and width, now and at most.
type PCIeLink struct {
	Generation, MaxGeneration int
	Width, MaxWidth           int
}

// NVLink is one link of a device.
type NVLink struct {
	Index  int
	Active bool
	// Errors that the link's counters have seen, by kind (replay, recovery, crc, crc_flit, crc_data, recovery_failed, integrity).
	Errors map[string]uint64
}

// Fabric state of an NVSwitch system.
type Fabric struct {
	// State is not_supported, not_started, in_progress or completed.
	State string
	// Err is the status with which the registration ended; empty for success.
	Err string
	// Unhealthy names the bits of the health mask that are set, such as bandwidth_degraded.
	Unhealthy []string
}

// RecoveryAction is what the driver says a device needs.
type RecoveryAction int

// Recovery actions (nvml.h, nvmlDeviceGpuRecoveryAction_t, 2026-11-24).
const (
	RecoverNone RecoveryAction = iota
	RecoverGPUReset
	RecoverNodeReboot
	RecoverDrainP2P
	RecoverDrainAndReset
	// RecoverUnknown is any value this list does not know.
	RecoverUnknown
)
