/// What compression made of a payload.
enum CompressionJSON {
  /// The size as sent, and how many times that size the payload is.
  @inline(never)
  static func write(_ bytes: UInt64, _ compressedBytes: UInt64, to json: inout JSONWriter) {
    json.number("compressed_bytes", compressedBytes)
    let hundredths = CompressionRatio(bytes, compressedBytes).hundredths
    json.seconds("compression_ratio", Int64(clamping: hundredths) &* 10_000_000)
  }
}
