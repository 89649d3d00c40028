// What unpacking alone costs: zlib over a whole gzip file in blocks, without looking at what comes out.
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static unsigned char packed[128 << 10], unpacked[256 << 10];

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: inflate-floor FILE.gz\n");
    return 2;
  }
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL) {
    perror(argv[1]);
    return 2;
  }
  setvbuf(file, NULL, _IONBF, 0);
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return 1;

  unsigned long long bytes = 0;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      stream.next_in = packed;
      stream.avail_in = (uInt)fread(packed, 1, sizeof packed, file);
    }
    stream.next_out = unpacked;
    stream.avail_out = sizeof unpacked;
    status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END) {
      fprintf(stderr, "inflate-floor: %s\n", stream.msg ? stream.msg : zError(status));
      return 1;
    }
    bytes += sizeof unpacked - stream.avail_out;
  }
  printf("bytes %llu\n", bytes);
  inflateEnd(&stream);
  fclose(file);
  return 0;
}
