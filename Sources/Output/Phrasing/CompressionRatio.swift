/// How many times as long a payload is as what was sent of it.
struct CompressionRatio {
  /// In hundredths, rounded down; at most a million times.
  let hundredths: UInt64

  /// The ratio of `bytes` after inflation to `compressedBytes` as sent; 0 when nothing was sent.
  init(_ bytes: UInt64, _ compressedBytes: UInt64) {
    guard compressedBytes > 0 else {
      hundredths = 0
      return
    }
    let (scaled, overflow) = bytes.multipliedReportingOverflow(by: 100)
    hundredths = min(overflow ? .max : scaled / compressedBytes, 100_000_000)
  }

  /// Appends `3.4×`.
  func write(to out: inout OutputBuffer) {
    out.append(decimal: hundredths / 100)
    out.append(UInt8(ascii: "."))
    out.append(decimal: hundredths / 10 % 10)
    out.append("×")
  }
}
