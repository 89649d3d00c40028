/// How a file is compressed. Its first bytes tell, never its name.
enum Compression: String, CaseIterable {
  case gzip
  case zstd
  case lz4

  /// The format whose magic number `start` begins with: RFC 1952 §2.3.1, RFC 8878 §3.1.1, and the LZ4 frame format.
  /// Nil for none of them.
  init?(start: Span<UInt8>) {
    guard start.count >= 4 else { return nil }
    switch (start[0], start[1], start[2], start[3]) {
    // 8 is gzip's only method of compression.
    case (0x1F, 0x8B, 8, _): self = .gzip
    case (0x28, 0xB5, 0x2F, 0xFD): self = .zstd
    case (0x04, 0x22, 0x4D, 0x18): self = .lz4
    default: return nil
    }
  }

  /// Whether a frame with this magic number, in little-endian byte order, is to be skipped (RFC 8878 §3.1.2).
  static func isSkippable(_ start: UInt32) -> Bool { start & ~0xF == 0x184D_2A50 }

  /// A decoder; nil when there is no memory for it.
  func makeDecompressor() -> (any Decompressor)? {
    switch self {
    case .gzip: GzipDecompressor()
    case .zstd: ZstdDecompressor()
    case .lz4: LZ4Decompressor()
    }
  }
}
