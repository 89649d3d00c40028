// The floor of inflating: zlib on the payloads that generate-captures compressed (--payloads), each stream with its own
// window, a payload at a time, the four bytes of RFC 7692 §7.2.2 put back behind each. Nothing else is done with them.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { OUTPUT = 1 << 16, INPUT = 1 << 20 };

static unsigned char input[INPUT], output[OUTPUT];

static uint64_t inflate_all(z_stream *stream, unsigned char *bytes, uint32_t count) {
  uint64_t produced = 0;
  stream->next_in = bytes;
  stream->avail_in = count;
  do {
    stream->next_out = output;
    stream->avail_out = OUTPUT;
    int status = inflate(stream, Z_SYNC_FLUSH);
    if (status != Z_OK && status != Z_BUF_ERROR) {
      fprintf(stderr, "deflate-floor: zlib says %d\n", status);
      exit(1);
    }
    produced += OUTPUT - stream->avail_out;
  } while (stream->avail_out == 0);
  return produced;
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: deflate-floor FILE\n");
    return 2;
  }
  // As many streams as the capture has; wstap forgets those that end, which zlib's part of the work does not need.
  z_stream **streams = NULL;
  size_t known = 0;
  uint32_t head[2];
  uint64_t messages = 0, produced = 0;
  unsigned char tail[] = {0x00, 0x00, 0xff, 0xff};
  while (fread(head, sizeof head, 1, file) == 1) {
    if (head[1] > INPUT || fread(input, 1, head[1], file) != head[1]) return 1;
    if (head[0] >= known) {
      size_t more = head[0] + 1024;
      streams = realloc(streams, more * sizeof *streams);
      if (streams == NULL) return 1;
      memset(streams + known, 0, (more - known) * sizeof *streams);
      known = more;
    }
    if (streams[head[0]] == NULL) {
      z_stream *made = streams[head[0]] = calloc(1, sizeof(z_stream));
      if (made == NULL || inflateInit2(made, -15) != Z_OK) return 1;
    }
    produced += inflate_all(streams[head[0]], input, head[1]);
    produced += inflate_all(streams[head[0]], tail, sizeof tail);
    messages += 1;
  }
  printf("messages %" PRIu64 "\nbytes %" PRIu64 "\n", messages, produced);
  return 0;
}
