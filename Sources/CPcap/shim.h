// libpcap, and what it takes to put a fast C stream under it.
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>

// A stream that one thread uses needs no lock around each fread. The header's constant is an enum that Swift
// does not import by name.
static inline void wstap_use_from_one_thread(FILE *file) { __fsetlocking(file, FSETLOCKING_BYCALLER); }
