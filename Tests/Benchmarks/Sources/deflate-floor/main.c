// The floor of inflating: zlib on the payloads that generate-captures compressed (--payloads), each stream with its own
// window, made for its first message and freed behind its last. A message is one call: its payload and the four bytes of
// RFC 7692 §7.2.2 behind it. Nothing else is done with what comes out.
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

enum { OUTPUT = 1 << 16, INPUT = 1 << 20 };

static unsigned char input[INPUT + 4], output[OUTPUT];

// What stands before a payload: the number of its stream and its length.
typedef struct {
  uint32_t stream, length;
} head;

typedef struct {
  z_stream *zlib;
  uint32_t messages_left;
} stream;

static head head_at(const unsigned char *at) {
  head found;
  memcpy(&found, at, sizeof found);
  return found;
}

static uint64_t inflate_all(z_stream *stream, size_t count) {
  uint64_t produced = 0;
  stream->next_in = input;
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
  int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) {
    fprintf(stderr, "usage: deflate-floor FILE\n");
    return 2;
  }
  const unsigned char *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED) return 1;
  const unsigned char *end = bytes + status.st_size;

  size_t known = 0;
  stream *streams = NULL;
  for (const unsigned char *at = bytes; at < end; at += sizeof(head) + head_at(at).length) {
    head message = head_at(at);
    if (message.length > INPUT) return 1;
    if (message.stream >= known) {
      size_t more = message.stream + 1024;
      streams = realloc(streams, more * sizeof *streams);
      if (streams == NULL) return 1;
      memset(streams + known, 0, (more - known) * sizeof *streams);
      known = more;
    }
    streams[message.stream].messages_left += 1;
  }

  uint64_t messages = 0, produced = 0;
  const unsigned char tail[] = {0x00, 0x00, 0xff, 0xff};
  for (const unsigned char *at = bytes; at < end; at += sizeof(head) + head_at(at).length) {
    head message = head_at(at);
    stream *stream = streams + message.stream;
    if (stream->zlib == NULL) {
      stream->zlib = calloc(1, sizeof(z_stream));
      if (stream->zlib == NULL || inflateInit2(stream->zlib, -15) != Z_OK) return 1;
    }
    memcpy(input, at + sizeof(head), message.length);
    memcpy(input + message.length, tail, sizeof tail);
    produced += inflate_all(stream->zlib, message.length + sizeof tail);
    messages += 1;
    if (--stream->messages_left == 0) {
      inflateEnd(stream->zlib);
      free(stream->zlib);
      stream->zlib = NULL;
    }
  }
  printf("messages %" PRIu64 "\nbytes %" PRIu64 "\n", messages, produced);
  return 0;
}
