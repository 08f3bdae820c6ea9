/*
 * A libnvidia-ml.so.1 without a driver behind it. It exports what the health
 * agent calls, in the ABI of NVIDIA's own nvml.h, and answers by a script: the
 * file that FAKE_NVML_SCRIPT names, read again whenever it changes.
 *
 *   driver 570.86.15        the driver's version
 *   init 18                 what nvmlInit answers: 0 well, 9 no driver, 18 mismatch
 *   count 8                 how many GPUs there are
 *   events off              no device tells its events
 *   gpu 2 temperature 91    a reading; the names are below, * is all GPUs
 *   gpu 2 power !999        the error that a reading answers with instead
 *   gpu 2 lost 1            each call answers NVML_ERROR_GPU_IS_LOST
 *   gpu 2 process 4711      a process that computes, one a line
 *   gpu 2 uuid GPU-x        a name; also 'name' and 'pci'
 *   hang 60000              each call takes so many milliseconds, until it is 0
 *   hang temperature 60000  only this reading does
 *   event 2 79              an Xid; each line is told once, as it appears
 *   event 2 79 x10000       so many of them
 *
 * In this nvml.h, which is that of go-nvml, a handle is a struct of one pointer.
 *
 * Build: gcc -shared -fPIC -I<folder of nvml.h> -o libnvidia-ml.so.1 fakenvml.c
 * With -DOLD_DRIVER it lacks what drivers before R510 lack.
 */
#define _GNU_SOURCE
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "nvml.h"

#define GPUS 64
#define EVENTS 4096
#define PROCESSES 256

/* Readings by name, with what a healthy device answers; !3 is not supported. */
#define READINGS(R) \
	R(temperature, 40, 0) R(memory_temperature, 0, 3) \
	R(power, 70000, 0) R(power_limit, 300000, 0) R(energy, 123456789, 0) \
	R(utilisation, 0, 0) R(memory_utilisation, 0, 0) \
	R(sm_clock, 1500, 0) R(memory_clock, 6250, 0) \
	R(memory_total, 25769803776, 0) R(memory_used, 1073741824, 0) R(memory_reserved, 268435456, 0) \
	R(ecc_volatile_corrected, 0, 0) R(ecc_volatile, 0, 0) \
	R(ecc_aggregate_corrected, 0, 0) R(ecc_aggregate, 0, 0) \
	R(retired_single, 0, 3) R(retired_double, 0, 3) R(retired_pending, 0, 3) \
	R(remapped_correctable, 0, 0) R(remapped_uncorrectable, 0, 0) \
	R(remapped_pending, 0, 0) R(remapped_failed, 0, 0) \
	R(throttle, 0, 0) \
	R(pcie_generation, 4, 0) R(pcie_max_generation, 4, 0) R(pcie_width, 16, 0) R(pcie_max_width, 16, 0) \
	R(pcie_replays, 0, 0) \
	R(recovery_action, 0, 3) \
	R(nvlinks, 0, 3) R(nvlinks_active, 0xffffffff, 0) R(nvlink_replay, 0, 0) R(nvlink_recovery, 0, 0) R(nvlink_crc, 0, 0) \
	R(fabric_state, 0, 3) R(fabric_status, 0, 0) R(fabric_health, 0, 0) \
	R(open, 0, 0) R(names, 0, 0) R(processes, 0, 0) R(fields, 0, 0) R(lost, 0, 0)

enum reading {
#define R(name, value, code) R_##name,
	READINGS(R)
#undef R
	R_count
};

static const char *const reading_names[] = {
#define R(name, value, code) #name,
	READINGS(R)
#undef R
};

struct answer {
	unsigned long long value;
	nvmlReturn_t code;
};

struct nvmlDevice_st {
	int index;
	char uuid[96], name[96], pci[32];
	struct answer answers[R_count];
	unsigned int processes[PROCESSES];
	unsigned int process_count;
};

struct event {
	int gpu;
	unsigned long long xid;
	unsigned int times;
};

struct nvmlEventSet_st {
	int inotify;
	int event;           /* the next line */
	unsigned int times;  /* how often that was told */
	unsigned long long registered;
};

/* What the script says, of which all calls read under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char driver[80];
	nvmlReturn_t init;
	unsigned int count;
	int events_off;
	long hang_all, hangs[R_count];
	struct nvmlDevice_st gpus[GPUS];
	struct event events[EVENTS];
	int event_count;
} script;
static struct timespec changed, looked;
static off_t size = -1;
static ino_t inode;

static const char *script_path(void)
{
	const char *path = getenv("FAKE_NVML_SCRIPT");
	return path ? path : "";
}

static void reset(void)
{
	memset(&script, 0, sizeof script);
	strcpy(script.driver, "570.86.15");
	script.count = 1;
	for (int i = 0; i < GPUS; i++) {
		struct nvmlDevice_st *gpu = &script.gpus[i];
		gpu->index = i;
		snprintf(gpu->uuid, sizeof gpu->uuid, "GPU-00000000-0000-0000-0000-%012d", i);
		strcpy(gpu->name, "NVIDIA A10G");
		snprintf(gpu->pci, sizeof gpu->pci, "00000000:00:%02X.0", 0x10 + i);
#define R(name, number, error) gpu->answers[R_##name].value = number; gpu->answers[R_##name].code = error;
		READINGS(R)
#undef R
	}
}

static int find(const char *name)
{
	for (int i = 0; i < R_count; i++)
		if (!strcmp(name, reading_names[i]))
			return i;
	return -1;
}

static void set(struct nvmlDevice_st *gpu, const char *name, const char *value)
{
	if (!strcmp(name, "uuid"))
		snprintf(gpu->uuid, sizeof gpu->uuid, "%s", value);
	else if (!strcmp(name, "name"))
		snprintf(gpu->name, sizeof gpu->name, "%s", value);
	else if (!strcmp(name, "pci"))
		snprintf(gpu->pci, sizeof gpu->pci, "%s", value);
	else if (!strcmp(name, "process")) {
		if (gpu->process_count < PROCESSES)
			gpu->processes[gpu->process_count++] = strtoul(value, NULL, 0);
	} else {
		int reading = find(name);
		if (reading < 0)
			fprintf(stderr, "fakenvml: no reading is named %s\n", name);
		else if (*value == '!')
			gpu->answers[reading].code = atoi(value + 1);
		else
			gpu->answers[reading] = (struct answer){strtoull(value, NULL, 0), NVML_SUCCESS};
	}
}

static void parse(char *line)
{
	char word[32] = "", first[64] = "", second[64] = "", rest[128] = "";
	if (sscanf(line, "%31s %63s %63s %127[^\n]", word, first, second, rest) < 2 || *word == '#')
		return;
	if (!strcmp(word, "driver"))
		snprintf(script.driver, sizeof script.driver, "%s", first);
	else if (!strcmp(word, "init"))
		script.init = atoi(first);
	else if (!strcmp(word, "count"))
		script.count = strtoul(first, NULL, 0);
	else if (!strcmp(word, "events"))
		script.events_off = !strcmp(first, "off");
	else if (!strcmp(word, "hang")) {
		int reading = find(first);
		if (reading < 0)
			script.hang_all = atol(first);
		else
			script.hangs[reading] = atol(second);
	} else if (!strcmp(word, "gpu")) {
		for (int i = 0; i < GPUS; i++)
			if (*first == '*' || atoi(first) == i)
				set(&script.gpus[i], second, rest);
	} else if (!strcmp(word, "event") && script.event_count < EVENTS) {
		struct event *event = &script.events[script.event_count++];
		event->gpu = atoi(first);
		event->xid = strtoull(second, NULL, 0);
		event->times = *rest == 'x' ? strtoul(rest + 1, NULL, 0) : 1;
	} else
		fprintf(stderr, "fakenvml: not understood: %s\n", line);
}

/* refresh belongs to who holds the lock. It looks at most each millisecond. */
static void refresh(void)
{
	struct timespec now;
	struct stat info;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (size >= 0 && now.tv_sec == looked.tv_sec && now.tv_nsec / 1000000 == looked.tv_nsec / 1000000)
		return;
	looked = now;
	if (stat(script_path(), &info) != 0) {
		if (size != 0)
			reset();
		size = 0;
		return;
	}
	if (info.st_size == size && info.st_ino == inode && !memcmp(&info.st_mtim, &changed, sizeof changed))
		return;
	FILE *file = fopen(script_path(), "r");
	if (!file)
		return;
	size = info.st_size;
	inode = info.st_ino;
	changed = info.st_mtim;
	reset();
	char line[512];
	while (fgets(line, sizeof line, file))
		parse(line);
	fclose(file);
}

/* waits as long as the script says that a call hangs. */
static void hang(int reading)
{
	for (long waited = 0;; waited += 5) {
		pthread_mutex_lock(&lock);
		refresh();
		long most = reading >= 0 && script.hangs[reading] ? script.hangs[reading] : script.hang_all;
		pthread_mutex_unlock(&lock);
		if (waited >= most)
			return;
		nanosleep(&(struct timespec){0, 5000000}, NULL);
	}
}

static nvmlReturn_t answer(nvmlDevice_t gpu, enum reading reading, unsigned long long *value)
{
	hang(reading);
	pthread_mutex_lock(&lock);
	struct answer found = gpu.handle->answers[reading];
	if (gpu.handle->answers[R_lost].value)
		found.code = NVML_ERROR_GPU_IS_LOST;
	pthread_mutex_unlock(&lock);
	*value = found.value;
	return found.code;
}

static nvmlReturn_t answer_int(nvmlDevice_t gpu, enum reading reading, unsigned int *value)
{
	unsigned long long wide = 0;
	nvmlReturn_t code = answer(gpu, reading, &wide);
	*value = wide;
	return code;
}

static nvmlReturn_t copy(nvmlDevice_t gpu, const char *from, char *to, unsigned int length)
{
	unsigned long long unused;
	nvmlReturn_t code = answer(gpu, R_names, &unused);
	if (code == NVML_SUCCESS)
		snprintf(to, length, "%s", from);
	return code;
}

/* --- the library ------------------------------------------------------------ */

/* at_once reads the script now: a look at the devices begins here. */
static void at_once(void)
{
	pthread_mutex_lock(&lock);
	looked.tv_sec = 0;
	pthread_mutex_unlock(&lock);
	hang(-1);
}

nvmlReturn_t nvmlInit_v2(void)
{
	at_once();
	return script.init;
}

nvmlReturn_t nvmlShutdown(void) { return NVML_SUCCESS; }

const char *nvmlErrorString(nvmlReturn_t code)
{
	switch (code) {
	case NVML_SUCCESS: return "Success";
	case NVML_ERROR_NOT_SUPPORTED: return "Not Supported";
	case NVML_ERROR_DRIVER_NOT_LOADED: return "Driver Not Loaded";
	case NVML_ERROR_GPU_IS_LOST: return "GPU is lost";
	case NVML_ERROR_RESET_REQUIRED: return "GPU requires reset";
	case NVML_ERROR_LIB_RM_VERSION_MISMATCH: return "Driver/library version mismatch";
	default: return "Unknown Error";
	}
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length)
{
	hang(-1);
	snprintf(version, length, "%s", script.driver);
	return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count)
{
	at_once();
	*count = script.count;
	return script.init;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device)
{
	unsigned long long unused;
	if (index >= GPUS)
		return NVML_ERROR_INVALID_ARGUMENT;
	device->handle = &script.gpus[index];
	return answer(*device, R_open, &unused);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t gpu, char *uuid, unsigned int length) { return copy(gpu, gpu.handle->uuid, uuid, length); }
nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t gpu, char *name, unsigned int length) { return copy(gpu, gpu.handle->name, name, length); }

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t gpu, nvmlPciInfo_t *info)
{
	memset(info, 0, sizeof *info);
	return copy(gpu, gpu.handle->pci, info->busId, sizeof info->busId);
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t gpu, nvmlTemperatureSensors_t sensor, unsigned int *value)
{
	(void)sensor;
	return answer_int(gpu, R_temperature, value);
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t gpu, unsigned int *value) { return answer_int(gpu, R_power, value); }
nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t gpu, unsigned int *value) { return answer_int(gpu, R_power_limit, value); }
nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t gpu, unsigned int *value) { return answer_int(gpu, R_pcie_max_generation, value); }
nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t gpu, unsigned int *value) { return answer_int(gpu, R_pcie_max_width, value); }
nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t gpu, unsigned int *value) { return answer_int(gpu, R_pcie_generation, value); }
nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t gpu, unsigned int *value) { return answer_int(gpu, R_pcie_width, value); }
nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t gpu, unsigned long long *value) { return answer(gpu, R_throttle, value); }

nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t gpu, nvmlClockType_t type, unsigned int *value)
{
	return answer_int(gpu, type == NVML_CLOCK_MEM ? R_memory_clock : R_sm_clock, value);
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t gpu, nvmlUtilization_t *use)
{
	nvmlReturn_t code = answer_int(gpu, R_memory_utilisation, &use->memory);
	return code != NVML_SUCCESS ? code : answer_int(gpu, R_utilisation, &use->gpu);
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t gpu, nvmlMemory_t *memory)
{
	answer(gpu, R_memory_used, &memory->used);
	nvmlReturn_t code = answer(gpu, R_memory_total, &memory->total);
	memory->free = memory->total - memory->used;
	return code;
}

#ifndef OLD_DRIVER
nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t gpu, nvmlMemory_v2_t *memory)
{
	if (memory->version != nvmlMemory_v2)
		return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
	answer(gpu, R_memory_used, &memory->used);
	answer(gpu, R_memory_reserved, &memory->reserved);
	nvmlReturn_t code = answer(gpu, R_memory_total, &memory->total);
	memory->free = memory->total - memory->used - memory->reserved;
	return code;
}

nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t gpu, unsigned long long *value) { return answer(gpu, R_throttle, value); }

nvmlReturn_t nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t gpu, nvmlGpuFabricInfoV_t *info)
{
	unsigned int state = 0;
	nvmlGpuFabricInfo_v2_t *second = (nvmlGpuFabricInfo_v2_t *)info;
	if (info->version != nvmlGpuFabricInfo_v2)
		return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
	answer_int(gpu, R_fabric_status, (unsigned int *)&second->status);
	answer_int(gpu, R_fabric_health, &second->healthMask);
	nvmlReturn_t code = answer_int(gpu, R_fabric_state, &state);
	second->state = state;
	return code;
}
#endif

/* which reading a field is, and whether it has 32 bits. */
static int field(unsigned int id, int *narrow)
{
	*narrow = 0;
	switch (id) {
	case NVML_FI_DEV_ECC_SBE_VOL_TOTAL: return R_ecc_volatile_corrected;
	case NVML_FI_DEV_ECC_DBE_VOL_TOTAL: return R_ecc_volatile;
	case NVML_FI_DEV_ECC_SBE_AGG_TOTAL: return R_ecc_aggregate_corrected;
	case NVML_FI_DEV_ECC_DBE_AGG_TOTAL: return R_ecc_aggregate;
	case NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION: return R_energy;
	case NVML_FI_DEV_NVLINK_ERROR_DL_REPLAY: return R_nvlink_replay;
	case NVML_FI_DEV_NVLINK_ERROR_DL_RECOVERY: return R_nvlink_recovery;
	case NVML_FI_DEV_NVLINK_ERROR_DL_CRC: return R_nvlink_crc;
	}
	*narrow = 1;
	switch (id) {
	case NVML_FI_DEV_RETIRED_SBE: return R_retired_single;
	case NVML_FI_DEV_RETIRED_DBE: return R_retired_double;
	case NVML_FI_DEV_RETIRED_PENDING: return R_retired_pending;
	case NVML_FI_DEV_MEMORY_TEMP: return R_memory_temperature;
	case NVML_FI_DEV_PCIE_REPLAY_COUNTER: return R_pcie_replays;
	case NVML_FI_DEV_REMAPPED_COR: return R_remapped_correctable;
	case NVML_FI_DEV_REMAPPED_UNC: return R_remapped_uncorrectable;
	case NVML_FI_DEV_REMAPPED_PENDING: return R_remapped_pending;
	case NVML_FI_DEV_REMAPPED_FAILURE: return R_remapped_failed;
	case NVML_FI_DEV_GET_GPU_RECOVERY_ACTION: return R_recovery_action;
	case NVML_FI_DEV_NVLINK_LINK_COUNT: return R_nvlinks;
	}
	return -1;
}

nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t gpu, int count, nvmlFieldValue_t *values)
{
	unsigned long long value;
	nvmlReturn_t code = answer(gpu, R_fields, &value);
	if (code != NVML_SUCCESS && code != NVML_ERROR_GPU_IS_LOST)
		return code;
	for (int i = 0; i < count; i++) {
		int narrow, reading = field(values[i].fieldId, &narrow);
		value = 0;
		values[i].nvmlReturn = reading < 0 ? NVML_ERROR_NOT_SUPPORTED : answer(gpu, reading, &value);
		values[i].valueType = narrow ? NVML_VALUE_TYPE_UNSIGNED_INT : NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
		values[i].value.ullVal = 0;
		if (narrow)
			values[i].value.uiVal = value;
		else
			values[i].value.ullVal = value;
	}
	return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t gpu, unsigned int link, nvmlEnableState_t *state)
{
	unsigned long long active;
	nvmlReturn_t code = answer(gpu, R_nvlinks_active, &active);
	*state = active >> link & 1 ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED;
	return code;
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t gpu, unsigned int *count, nvmlProcessInfo_t *infos)
{
	unsigned long long unused;
	nvmlReturn_t code = answer(gpu, R_processes, &unused);
	if (code != NVML_SUCCESS)
		return code;
	pthread_mutex_lock(&lock);
	unsigned int room = *count;
	*count = gpu.handle->process_count;
	for (unsigned int i = 0; i < *count && i < room; i++) {
		memset(&infos[i], 0, sizeof infos[i]);
		infos[i].pid = gpu.handle->processes[i];
	}
	pthread_mutex_unlock(&lock);
	return *count > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

/* --- events ------------------------------------------------------------------ */

nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *set)
{
	char folder[4096];
	set->handle = calloc(1, sizeof *set->handle);
	if (!set->handle)
		return NVML_ERROR_MEMORY;
	snprintf(folder, sizeof folder, "%s", script_path());
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = 0;
	set->handle->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	inotify_add_watch(set->handle->inotify, slash ? folder : ".", IN_CLOSE_WRITE | IN_MOVED_TO);
	pthread_mutex_lock(&lock);
	refresh();
	set->handle->event = script.event_count;
	pthread_mutex_unlock(&lock);
	return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t gpu, unsigned long long types, nvmlEventSet_t set)
{
	(void)types;
	if (script.events_off)
		return NVML_ERROR_NOT_SUPPORTED;
	if (gpu.handle->answers[R_lost].value)
		return NVML_ERROR_GPU_IS_LOST;
	set.handle->registered |= 1ULL << gpu.handle->index;
	return NVML_SUCCESS;
}

nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set)
{
	close(set.handle->inotify);
	free(set.handle);
	return NVML_SUCCESS;
}

/* next tells an event that has not been told; it holds the lock. */
static int next(nvmlEventSet_t set, nvmlEventData_t *data)
{
	if (set.handle->event > script.event_count)
		set.handle->event = 0; /* another script */
	while (set.handle->event < script.event_count) {
		struct event *event = &script.events[set.handle->event];
		if (set.handle->times >= event->times) {
			set.handle->event++;
			set.handle->times = 0;
			continue;
		}
		set.handle->times++;
		if (event->gpu < 0 || event->gpu >= GPUS || !(set.handle->registered >> event->gpu & 1))
			continue;
		memset(data, 0, sizeof *data);
		data->device.handle = &script.gpus[event->gpu];
		data->eventType = nvmlEventTypeXidCriticalError;
		data->eventData = event->xid;
		return 1;
	}
	return 0;
}

nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned int timeout)
{
	struct timespec start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		pthread_mutex_lock(&lock);
		looked.tv_sec = 0;
		refresh();
		int told = next(set, data);
		int lost = 0;
		for (int i = 0; i < GPUS; i++)
			lost |= (set.handle->registered >> i & 1) && script.gpus[i].answers[R_lost].value;
		pthread_mutex_unlock(&lock);
		if (told)
			return NVML_SUCCESS;
		if (lost)
			return NVML_ERROR_GPU_IS_LOST;
		clock_gettime(CLOCK_MONOTONIC, &now);
		long left = timeout - ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
		if (left <= 0)
			return NVML_ERROR_TIMEOUT;
		struct pollfd file = {set.handle->inotify, POLLIN, 0};
		poll(&file, 1, left);
		char unused[4096];
		while (read(set.handle->inotify, unused, sizeof unused) > 0)
			;
	}
}
