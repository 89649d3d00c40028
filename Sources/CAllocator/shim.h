#ifndef WSTAP_CALLOCATOR_H
#define WSTAP_CALLOCATOR_H

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Lets all threads allocate from one arena: glibc reserves 64 MiB of addresses for each further one.
static inline void wstap_share_one_arena(void) {
#if defined(__GLIBC__)
  mallopt(M_ARENA_MAX, 1);
#endif
}

#endif
