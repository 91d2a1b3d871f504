// A preloaded library in which one system call on the files of a run fails, or ends its process.
//
// FAULTS_FOLDER is the run's folder, FAULTS_RANK the rank (its variable RANK), FAULTS_CALL the number of the call from 1
// on. FAULTS_ERROR is the error number; 0 sends SIGKILL before the call. FAULTS_LOG receives the number, the name and
// the path of the call that failed, or of every call if FAULTS_CALL is 0. A call fails only if FAULTS_LOG does not exist
// yet, so that a restarted rank is left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static const char *folder, *log_path;
static long chosen, error_number;
static atomic_long count;

__attribute__((constructor)) static void begin(void) {
    const char *rank = getenv("RANK"), *wanted = getenv("FAULTS_RANK");
    if (rank == NULL || wanted == NULL || strcmp(rank, wanted) != 0) return;
    log_path = getenv("FAULTS_LOG");
    chosen = atol(getenv("FAULTS_CALL"));
    error_number = atol(getenv("FAULTS_ERROR"));
    folder = getenv("FAULTS_FOLDER");
}

// Returns whether the line was written. Uses no call that this library replaces.
static int log_call(long number, const char *name, const char *path) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
    int flags = O_WRONLY | O_CREAT | O_APPEND | (chosen > 0 ? O_EXCL : 0);
    int file = (int)syscall(SYS_openat, AT_FDCWD, log_path, flags, 0666);
    if (file < 0) return 0;
    syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
    return 1;
}

// Counts a call on a path, and returns whether the call fails.
static int fails(const char *name, const char *path) {
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0 || path[length] != '/') return 0;
    const char *rest = path[length + 1] != 0 ? path + length + 1 : ".";
    // The lock is written every few seconds, so that its calls have no fixed number; logs are not a rank's own files.
    if (strcmp(rest, "lock") == 0 || strncmp(rest, "rank-", 5) == 0) return 0;
    long number = atomic_fetch_add(&count, 1) + 1;
    if (chosen == 0) log_call(number, name, rest);
    if (number != chosen || !log_call(number, name, rest)) return 0;
    if (error_number == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = (int)error_number;
    return 1;
}

static int fails_at(const char *name, int directory, const char *path) {
    if (folder == NULL) return 0;
    char full[2 * PATH_MAX], link[64];
    ssize_t length = 0;
    if (path == NULL || path[0] != '/') {
        if (directory == AT_FDCWD) {
            strcpy(link, "/proc/self/cwd");
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        }
        length = readlink(link, full, PATH_MAX);
        if (length < 0) return 0;
    }
    if (path == NULL) {
        full[length] = 0;
    } else {
        snprintf(full + length, sizeof full - length, "%s%s", length > 0 ? "/" : "", path);
    }
    return fails(name, full);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define REPLACE(result, name, parameters, arguments, directory, path)                                                  \
    result name parameters {                                                                                           \
        if (fails_at(#name, directory, path)) return -1;                                                               \
        return NEXT(name) arguments;                                                                                   \
    }

REPLACE(ssize_t, write, (int file, const void *bytes, size_t size), (file, bytes, size), file, NULL)
REPLACE(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at), file, NULL)
REPLACE(ssize_t, pwrite64, (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at), file, NULL)
REPLACE(int, fsync, (int file), (file), file, NULL)
REPLACE(int, rename, (const char *old, const char *new), (old, new), AT_FDCWD, old)
REPLACE(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new), from, old)
REPLACE(int, unlink, (const char *path), (path), AT_FDCWD, path)
REPLACE(int, unlinkat, (int at, const char *path, int flags), (at, path, flags), at, path)
REPLACE(int, mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
REPLACE(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode), at, path)

// Opening for reading has a name of its own in the log.
#define REPLACE_OPEN(name, parameters, directory, call)                                                                \
    int name parameters {                                                                                              \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                                        \
        va_end(rest);                                                                                                  \
        if (fails_at((flags & O_ACCMODE) == O_RDONLY ? #name "-to-read" : #name, directory, path)) return -1;          \
        return NEXT(name) call;                                                                                        \
    }

REPLACE_OPEN(open, (const char *path, int flags, ...), AT_FDCWD, (path, flags, mode))
REPLACE_OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, (path, flags, mode))
REPLACE_OPEN(openat, (int at, const char *path, int flags, ...), at, (at, path, flags, mode))
REPLACE_OPEN(openat64, (int at, const char *path, int flags, ...), at, (at, path, flags, mode))
