// The processor's prefetch instruction, for which Swift has no name. It never faults.
static inline void wstap_prefetch(const void *address) { __builtin_prefetch(address); }
