// The allocator's functions with a second chance (docs/decisions/0014-out-of-memory.md).
//
// A Swift program cannot learn of a failed allocation: the runtime ends it. So the allocation must not fail before the program has
// heard that memory is short. These definitions take the place of glibc's in all parts of the process, as malloc(3) allows
// ("Replacing malloc" in glibc's manual), and pass everything on to glibc.

#include "CMemoryReserve.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ALLOCATOR_OF_ITS_OWN
#endif
#endif

#if defined(__GLIBC__) && !defined(HAS_ALLOCATOR_OF_ITS_OWN)

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Atomic(void *) reserve;
static size_t reserve_bytes;
static void (*when_spent)(void);
static void (*when_exhausted)(void);

bool wstap_hold_reserve(size_t bytes, void (*spent)(void), void (*exhausted)(void)) {
  void *held = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (held == MAP_FAILED) return false;
  reserve_bytes = bytes;
  when_spent = spent;
  when_exhausted = exhausted;
  atomic_store(&reserve, held);
  return true;
}

/// Whether memory has become free, so that a failed allocation is worth a second try.
__attribute__((noinline, cold)) static bool spend_reserve(void) {
  void *held = atomic_exchange(&reserve, NULL);
  if (!held) return false;
  munmap(held, reserve_bytes);
  when_spent();
  return true;
}

/// The second try failed, or there was nothing to be spent for it.
__attribute__((noinline, cold)) static void *fail(void) {
  if (when_exhausted) when_exhausted();
  errno = ENOMEM;
  return NULL;
}

void *malloc(size_t size) {
  void *memory = __libc_malloc(size);
  if (__builtin_expect(memory != NULL, 1)) return memory;
  if (spend_reserve() && (memory = __libc_malloc(size))) return memory;
  return fail();
}

void *calloc(size_t count, size_t size) {
  void *memory = __libc_calloc(count, size);
  if (__builtin_expect(memory != NULL, 1)) return memory;
  if (spend_reserve() && (memory = __libc_calloc(count, size))) return memory;
  return fail();
}

void *realloc(void *old, size_t size) {
  void *memory = __libc_realloc(old, size);
  // Nothing is what is left of a size of 0.
  if (__builtin_expect(memory != NULL || size == 0, 1)) return memory;
  if (spend_reserve() && (memory = __libc_realloc(old, size))) return memory;
  return fail();
}

void *memalign(size_t alignment, size_t size) {
  void *memory = __libc_memalign(alignment, size);
  if (__builtin_expect(memory != NULL, 1)) return memory;
  if (spend_reserve() && (memory = __libc_memalign(alignment, size))) return memory;
  return fail();
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  int error = errno;
  void *found = memalign(alignment, size);
  errno = error;
  if (!found) return ENOMEM;
  *memory = found;
  return 0;
}

#else

bool wstap_hold_reserve(size_t bytes, void (*spent)(void), void (*exhausted)(void)) {
  (void)bytes, (void)spent, (void)exhausted;
  return false;
}

#endif
