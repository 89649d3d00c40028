// Lets a call of the C library fail: the n-th one of a kind, once or from then on. Preloaded into the tool by FaultTests.
//
// FAULT_KIND names what fails ("malloc" for all allocations), FAULT_AT says which call (from 1 on, counted over all threads),
// FAULT_ERRNO with which error, FAULT_ON=1 that all later ones fail, too. FAULT_LOG is a file that gets the number of calls at the end.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static const char *kind;
static long fails_at;
static int error_number;
static int goes_on;
static atomic_long calls;
// What the loader and the runtime call before the tool's first line are not its calls. That line sets address space aside.
static atomic_int is_armed;

__attribute__((constructor)) static void prepare(void) {
  kind = getenv("FAULT_KIND");
  const char *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERRNO");
  fails_at = at ? atol(at) : 0;
  error_number = error ? atoi(error) : EIO;
  goes_on = getenv("FAULT_ON") != NULL;
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("FAULT_LOG");
  is_armed = 0;
  if (!path) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}

/// Whether this call is to fail; then errno is set.
static int fails(const char *name) {
  if (!is_armed || strcmp(kind, name) != 0) return 0;
  long call = atomic_fetch_add(&calls, 1) + 1;
  if (goes_on ? call < fails_at || fails_at == 0 : call != fails_at) return 0;
  errno = error_number;
  return 1;
}

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

// MARK: Allocations. What the tool defines as malloc and its siblings calls these.

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// dlsym may allocate: what it is looked up for must be known before.
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_memalign)(size_t, size_t);
static char early[1 << 16];
static atomic_size_t early_used;

static void *early_memory(size_t size) {
  size_t start = atomic_fetch_add(&early_used, (size + 15) & ~(size_t)15);
  if (start + size > sizeof early) abort();
  return early + start;
}

static int is_looking;
static int look_up(void) {
  if (real_memalign) return 1;
  if (is_looking) return 0;
  is_looking = 1;
  real_malloc = dlsym(RTLD_NEXT, "__libc_malloc");
  real_calloc = dlsym(RTLD_NEXT, "__libc_calloc");
  real_realloc = dlsym(RTLD_NEXT, "__libc_realloc");
  real_memalign = dlsym(RTLD_NEXT, "__libc_memalign");
  is_looking = 0;
  return 1;
}

void *__libc_malloc(size_t size) {
  if (!look_up()) return early_memory(size);
  return fails("malloc") ? NULL : real_malloc(size);
}

void *__libc_calloc(size_t count, size_t size) {
  if (!look_up()) return early_memory(count * size);
  return fails("malloc") ? NULL : real_calloc(count, size);
}

void *__libc_realloc(void *old, size_t size) {
  if (!look_up()) abort();
  return fails("malloc") ? NULL : real_realloc(old, size);
}

void *__libc_memalign(size_t alignment, size_t size) {
  if (!look_up()) abort();
  return fails("malloc") ? NULL : real_memalign(alignment, size);
}

// MARK: System calls

#define CALL(type, failed, name, parameters, arguments) \
  type name parameters { return fails(#name) ? (type)(failed) : REAL(name) arguments; }

CALL(ssize_t, -1, read, (int file, void *to, size_t size), (file, to, size))
CALL(ssize_t, -1, write, (int file, const void *from, size_t size), (file, from, size))
CALL(ssize_t, -1, pread, (int file, void *to, size_t size, off_t at), (file, to, size, at))
CALL(off_t, -1, lseek, (int file, off_t at, int from), (file, at, from))
CALL(int, -1, fstat, (int file, struct stat *status), (file, status))
CALL(int, -1, stat, (const char *path, struct stat *status), (path, status))
CALL(int, -1, lstat, (const char *path, struct stat *status), (path, status))
CALL(int, -1, fsync, (int file), (file))
CALL(int, -1, fchmod, (int file, mode_t mode), (file, mode))
CALL(int, -1, fchown, (int file, uid_t user, gid_t group), (file, user, group))
CALL(int, -1, ftruncate, (int file, off_t size), (file, size))
CALL(int, -1, rename, (const char *from, const char *to), (from, to))
CALL(int, -1, renameat, (int folder, const char *from, int other, const char *to), (folder, from, other, to))
CALL(int, -1, poll, (struct pollfd * files, nfds_t count, int time), (files, count, time))
CALL(char *, NULL, realpath, (const char *path, char *to), (path, to))

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) {
  if (fails("mmap")) return MAP_FAILED;
  void *memory = REAL(mmap)(at, size, protection, flags, file, offset);
  if (protection == PROT_NONE && kind) is_armed = 1;
  return memory;
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  return fails("open") ? -1 : REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  return fails("openat") ? -1 : REAL(openat)(folder, path, flags, mode);
}

/// Returns its error, and leaves errno alone.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  return fails("pthread_create") ? error_number : REAL(pthread_create)(thread, attributes, body, argument);
}
