// The floor: the least a program that reads a capture through libpcap can do. It opens the file, takes
// every packet and counts; wstap's time is measured as a multiple of this.
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: pcap-floor FILE\n");
    return 2;
  }
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *capture = pcap_open_offline(argv[1], error);
  if (capture == NULL) {
    fprintf(stderr, "pcap-floor: %s\n", error);
    return 2;
  }

  struct pcap_pkthdr *header;
  const u_char *packet;
  uint64_t packets = 0, bytes = 0;
  int result;
  while ((result = pcap_next_ex(capture, &header, &packet)) == 1) {
    packets += 1;
    bytes += header->caplen;
  }
  if (result != PCAP_ERROR_BREAK) {  // what libpcap returns at the end of a file
    fprintf(stderr, "pcap-floor: %s\n", pcap_geterr(capture));
    return 1;
  }
  printf("packets %" PRIu64 "\nbytes %" PRIu64 "\n", packets, bytes);
  pcap_close(capture);
  return 0;
}
