#include <zlib.h>

// deflateInit2 is a macro, which Swift does not import. Negative bits: raw deflate, the format of permessage-deflate
// (RFC 7692 §7.2.1).
static inline int deflate_init_raw(z_stream *stream, int window_bits) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY);
}
