/// How many times as long a payload is as what was sent of it.
enum CompressionRatio {
  /// In hundredths, rounded down; at most a million times.
  static func hundredths(_ bytes: UInt64, _ compressedBytes: UInt64) -> UInt64 {
    guard compressedBytes > 0 else { return 0 }
    let (scaled, overflow) = bytes.multipliedReportingOverflow(by: 100)
    return min(overflow ? .max : scaled / compressedBytes, 100_000_000)
  }
}

extension OutputBuffer {
  /// `3.4×`
  mutating func append(ratio bytes: UInt64, _ compressedBytes: UInt64) {
    let hundredths = CompressionRatio.hundredths(bytes, compressedBytes)
    append(decimal: hundredths / 100)
    append(UInt8(ascii: "."))
    append(decimal: hundredths / 10 % 10)
    append("×")
  }
}
