// The states of other processes, and files in memory: system calls of Linux that Swift cannot make or C libraries may
// lack.
#pragma once

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// Opens a descriptor that becomes readable when the process ends, whether or not its parent has reaped it. Returns -1
/// and sets `errno` if that fails: to ESRCH if there is no such process, to ENOSYS or EPERM if the system does not
/// offer such descriptors.
static inline int cpd_open_process(pid_t process) {
#ifdef __linux__
    // pidfd_open has the same number on all architectures.
    return (int)syscall(434, process, 0);
#else
    (void)process;
    errno = ENOSYS;
    return -1;
#endif
}

/// The state of a process as /proc shows it, such as 'T' for stopped and 'Z' for one that has ended but that its parent
/// has not reaped; 0 if there is no such process.
static inline char cpd_process_state(pid_t process) {
    char text[512];
    snprintf(text, sizeof text, "/proc/%d/stat", (int)process);
    FILE *file = fopen(text, "re");
    if (!file) return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    // The name before the state is in parentheses and may itself contain parentheses.
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' ? end[2] : 0;
}

/// Whether a process has ended, reaped or not. `descriptor` is that of cpd_open_process(), or -1 for a system without
/// such descriptors.
static inline int cpd_has_ended(pid_t process, int descriptor) {
    if (descriptor >= 0) {
        struct pollfd polled = {descriptor, POLLIN, 0};
        return poll(&polled, 1, 0) == 1;
    }
    char state = cpd_process_state(process);
    return state == 0 || state == 'Z' || state == 'X';
}

/// Creates a file of zeros in memory, which is removed when its last descriptor and its last mapping are closed.
/// Returns -1 and sets `errno` if that fails.
static inline int cpd_create_memory_file(const char *name, off_t bytes) {
#ifdef __linux__
    int descriptor = (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
    if (descriptor < 0 || ftruncate(descriptor, bytes) == 0) return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
#else
    (void)name;
    (void)bytes;
    errno = ENOSYS;
#endif
    return -1;
}
