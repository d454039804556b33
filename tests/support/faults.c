/* Counts a process's changes to files, and kills the process or fails the call at the Nth.
 *
 * Preloaded (LD_PRELOAD), so that it sees what Python and SQLite do alike.  An event is a call that
 * changes a regular file or a folder: open with O_CREAT, write, pwrite, ftruncate, fsync, fdatasync,
 * sync, rename, link, unlink, mkdir, rmdir.  Standard streams, pipes and sockets do not count.
 * Nothing is flushed to the disk, because a killed process loses nothing that it wrote.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum action { COUNT, KILL, TEAR, FAIL, FAIL_ON };

static atomic_long events;
static atomic_int is_counting;
static long at;
static enum action action;
static int error;
static pid_t parent;
static char report[4096];

/* From now on count; do `what` at event number `number`.  `with` is killed as well, unless it is 0.
 * What happened is appended to the file `file`. */
void faults_arm(long number, int what, int errno_, int with, const char *file)
{
    at = number, action = what, error = errno_, parent = with;
    snprintf(report, sizeof report, "%s", file);
    events = 0;
    is_counting = 1;
}

long faults_count(void) { return events; }

static void tell(long number, const char *call, const char *path, int handle)
{
    char link[64], found[4096] = "", line[8400];
    if (path == NULL && handle >= 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
        if (readlink(link, found, sizeof found - 1) > 0)
            path = found;
    }
    const char *does = action == FAIL || action == FAIL_ON ? "fails" : "killed";
    int size = snprintf(line, sizeof line, "%s at event %ld: %s %s\n", does, number, call,
                        path != NULL ? path : "");
    long file = syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (file >= 0) {
        syscall(SYS_write, (int)file, line, (size_t)size);
        syscall(SYS_close, (int)file);
    }
}

static void end_here(void)
{
    if (parent > 0)
        kill(parent, SIGKILL);
    kill(getpid(), SIGKILL);
}

/* Count one event.  Return whether the call has to fail; with TEAR set *is_torn, and let the caller
 * write a part before end_here(). */
static int event(const char *call, const char *path, int handle, int *is_torn)
{
    if (!is_counting)
        return 0;
    if (handle >= 0) {
        struct stat found;
        if (handle <= 2 || fstat(handle, &found) != 0
            || !(S_ISREG(found.st_mode) || S_ISDIR(found.st_mode)))
            return 0;
    }
    long number = ++events;
    if (action == COUNT || number < at || (number > at && action != FAIL_ON))
        return 0;
    if (number == at)
        tell(number, call, path, handle);
    if (action == KILL || (action == TEAR && is_torn == NULL))
        end_here();
    if (action == TEAR) {
        *is_torn = 1;
        return 0;
    }
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int handle, const void *bytes, size_t size)
{
    int is_torn = 0;
    if (event("write", NULL, handle, &is_torn))
        return -1;
    ssize_t written = syscall(SYS_write, handle, bytes, is_torn ? size / 2 : size);
    if (is_torn)
        end_here();
    return written;
}

ssize_t pwrite64(int handle, const void *bytes, size_t size, off64_t offset)
{
    int is_torn = 0;
    if (event("pwrite", NULL, handle, &is_torn))
        return -1;
    ssize_t written = syscall(SYS_pwrite64, handle, bytes, is_torn ? size / 2 : size, offset);
    if (is_torn)
        end_here();
    return written;
}

ssize_t pwrite(int handle, const void *bytes, size_t size, off_t offset)
{
    return pwrite64(handle, bytes, size, offset);
}

static int opened(int folder, const char *path, int flags, mode_t mode)
{
    if ((flags & (O_CREAT | O_TRUNC)) && event("open", path, -1, NULL))
        return -1;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define OPEN(name)                                                                                  \
    int name(const char *path, int flags, ...)                                                      \
    {                                                                                               \
        va_list rest;                                                                               \
        va_start(rest, flags);                                                                      \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;                   \
        va_end(rest);                                                                               \
        return opened(AT_FDCWD, path, flags, mode);                                                 \
    }
OPEN(open)
OPEN(open64)

#define CHANGE(name, path, handle, type, parameters, ...)                                           \
    type name parameters                                                                            \
    {                                                                                               \
        return event(#name, path, handle, NULL) ? -1 : REAL(name)(__VA_ARGS__);                     \
    }
CHANGE(ftruncate64, NULL, handle, int, (int handle, off64_t size), handle, size)
CHANGE(ftruncate, NULL, handle, int, (int handle, off_t size), handle, size)
CHANGE(rename, to, -1, int, (const char *from, const char *to), from, to)
CHANGE(link, to, -1, int, (const char *from, const char *to), from, to)
CHANGE(unlink, path, -1, int, (const char *path), path)
CHANGE(mkdir, path, -1, int, (const char *path, mode_t mode), path, mode)
CHANGE(rmdir, path, -1, int, (const char *path), path)

int fsync(int handle) { return event("fsync", NULL, handle, NULL) ? -1 : 0; }
int fdatasync(int handle) { return event("fdatasync", NULL, handle, NULL) ? -1 : 0; }
void sync(void) { event("sync", "", -1, NULL); }
