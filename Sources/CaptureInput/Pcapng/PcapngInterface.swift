import WireBytes

/// What a packet needs to know of its interface.
struct PcapngInterface {
  var linkType: Int32 = 0
  /// 0 for no limit.
  var snapLength: UInt32 = 0
  /// The index in `CaptureMetadata.interfaces`; -1 when there were too many.
  var place = -1
  /// Seconds to add to each time. Set before `setResolution`.
  var offset: Int64 = 0
  /// Nanoseconds in a unit of time; 0 if not a whole number.
  private var nanosecondsPerUnit: UInt64 = 1000
  /// Below this the product fits into 63 bits. 0 sends every time the slow way.
  private var unitsLimit = UInt64(Int64.max) / 1000
  /// if_tsresol: a negative power of 10, or of 2 when the highest bit is set.
  private var resolution: UInt8 = 6

  mutating func setResolution(_ resolution: UInt8) {
    self.resolution = resolution
    nanosecondsPerUnit = 0
    unitsLimit = 0
    if resolution <= 9 && offset == 0 {
      nanosecondsPerUnit = (resolution..<9).reduce(UInt64(1)) { product, _ in product * 10 }
      unitsLimit = UInt64(Int64.max) / nanosecondsPerUnit
    }
  }

  @inline(__always)
  func time(_ units: UInt64) -> CaptureTime {
    if units < unitsLimit {
      return CaptureTime(nanoseconds: Int64(truncatingIfNeeded: units &* nanosecondsPerUnit))
    }
    return unusualTime(units)
  }

  @inline(never)
  private func unusualTime(_ units: UInt64) -> CaptureTime {
    let exponent = Int(resolution & 0x7F)
    var nanoseconds = UInt128(units)
    if resolution & 0x80 != 0 {
      nanoseconds = (nanoseconds * 1_000_000_000) >> UInt128(exponent)
    } else if exponent <= 9 {
      for _ in exponent..<9 { nanoseconds *= 10 }
    } else {
      for _ in 9..<min(exponent, 40) { nanoseconds /= 10 }
    }
    // At most 2^94. The seconds are clamped before the offset is added, and the sum saturates.
    let seconds = Int64(clamping: nanoseconds / 1_000_000_000)
    let (sum, overflow) = seconds.addingReportingOverflow(offset)
    return CaptureTime(
      seconds: overflow ? (offset < 0 ? .min : .max) : sum,
      nanoseconds: Int64(nanoseconds % 1_000_000_000))
  }
}
