#ifndef WSTAP_CMEMORYRESERVE_H
#define WSTAP_CMEMORYRESERVE_H

#include <stdbool.h>
#include <stddef.h>

/// Sets address space aside that allocations get when the system gives none any more. Returns false where that cannot be done: the
/// system has no address space for it now, or its allocator is not glibc's.
///
/// `spent` is called once, on the thread whose allocation takes the reserve; `exhausted` on a thread whose allocation fails all
/// the same, just before it fails. Both may do only what does not allocate.
bool wstap_hold_reserve(size_t bytes, void (*spent)(void), void (*exhausted)(void));

#endif
