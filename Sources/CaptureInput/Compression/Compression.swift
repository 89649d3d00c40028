/// How a file is packed, told by its first bytes and never by its name.
enum Compression: String, CaseIterable {
  case gzip
  case zstd
  case lz4

  /// The format whose magic number `start` begins with: RFC 1952 §2.3.1, RFC 8878 §3.1.1, and LZ4's frame
  /// format.
  init?(start: Span<UInt8>) {
    guard start.count >= 4 else { return nil }
    switch (start[0], start[1], start[2], start[3]) {
    // gzip has but one method of compression.
    case (0x1F, 0x8B, 8, _): self = .gzip
    case (0x28, 0xB5, 0x2F, 0xFD): self = .zstd
    case (0x04, 0x22, 0x4D, 0x18): self = .lz4
    default: return nil
    }
  }

  /// Whether a frame that begins with this number, as a little-endian machine reads it, is one to be skipped.
  static func isSkippable(_ start: UInt32) -> Bool { start & ~0xF == 0x184D_2A50 }

  func makeUnpacker() -> (any Unpacker)? {
    switch self {
    case .gzip: GzipUnpacker()
    case .zstd: ZstdUnpacker()
    case .lz4: LZ4Unpacker()
    }
  }
}
