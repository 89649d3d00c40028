#include <zlib.h>

// deflateInit2 is a macro, which Swift does not import. -15: raw deflate with the full window, the
// format and the default size of permessage-deflate (RFC 7692 §7.2.1).
static inline int deflate_init_raw(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}
