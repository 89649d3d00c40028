// libpcap, and the C standard streams that pcap_fopen_offline reads from.
#include <pcap/pcap.h>
#include <stdio.h>

// `stdin` is a mutable global that Swift 6 does not let us name.
static inline FILE *wstap_stdin(void) { return stdin; }
