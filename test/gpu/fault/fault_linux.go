//go:build cgo

package fault

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stddef.h>

// The driver API by its symbols, so that building this takes no CUDA
// (cuda.h of CUDA 12.9; these have kept their shape since CUDA 7).
typedef int (*init_t)(unsigned int);
typedef int (*device_get_t)(int *, int);
typedef int (*context_retain_t)(void **, int);
typedef int (*context_set_t)(void *);
typedef int (*module_load_t)(void **, const void *);
typedef int (*module_function_t)(void **, void *, const char *);
typedef int (*launch_t)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
typedef int (*synchronize_t)(void);

enum { NO_LIBRARY = -1, NO_SYMBOL = -2 };

#define CALL(type, name, ...) \
	do { \
		type function = (type)dlsym(library, name); \
		if (!function) { *step = name; return NO_SYMBOL; } \
		int code = function(__VA_ARGS__); \
		if (code) { *step = name; return code; } \
	} while (0)

static int provoke(int index, const char *ptx, const char **step)
{
	int device = 0;
	void *context = NULL, *module = NULL, *kernel = NULL;
	void *library = dlopen("libcuda.so.1", RTLD_NOW);
	*step = "dlopen";
	if (!library)
		return NO_LIBRARY;
	CALL(init_t, "cuInit", 0);
	CALL(device_get_t, "cuDeviceGet", &device, index);
	CALL(context_retain_t, "cuDevicePrimaryCtxRetain", &context, device);
	CALL(context_set_t, "cuCtxSetCurrent", context);
	CALL(module_load_t, "cuModuleLoadData", &module, ptx);
	CALL(module_function_t, "cuModuleGetFunction", &kernel, module, "fault");
	CALL(launch_t, "cuLaunchKernel", kernel, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
	CALL(synchronize_t, "cuCtxSynchronize");
	return 0;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// ErrNoCUDA says that the CUDA driver's library is missing.
var ErrNoCUDA = errors.New("no libcuda.so.1")

// kernel stores to an address in the first page, which nothing ever maps. The
// driver compiles it for whatever GPU there is, from Volta on.
const kernel = `.version 6.3
.target sm_70
.address_size 64
.visible .entry fault()
{
	.reg .u64 %address;
	.reg .u32 %value;
	mov.u64 %address, 4096;
	mov.u32 %value, 1;
	st.global.u32 [%address], %value;
	ret;
}
`

// illegalAddress and launchFailed are what the driver answers to a fault
// (cuda.h, CUDA_ERROR_ILLEGAL_ADDRESS and CUDA_ERROR_LAUNCH_FAILED).
const (
	illegalAddress = 700
	launchFailed   = 719
)

// Provoke makes the GPU with this index fault. It returns nil if it did.
func Provoke(index int) error {
	source := append([]byte(kernel), 0)
	var step *C.char
	code := C.provoke(C.int(index), (*C.char)(unsafe.Pointer(&source[0])), &step) //nolint:gocritic // It judges what cgo makes of this line.
	switch int(code) {
	case illegalAddress, launchFailed:
		return nil
	case 0:
		return errors.New("the GPU stored to an address that is not mapped")
	case C.NO_LIBRARY:
		return ErrNoCUDA
	default:
		return fmt.Errorf("%s answered %d before there was a fault", C.GoString(step), int(code))
	}
}
