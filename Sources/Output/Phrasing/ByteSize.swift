/// A number of bytes as a person reads it, in the unit that leaves one to four figures before the point: `8 B`, `1.4 KiB`.
struct ByteSize {
  private let whole: UInt64
  private let tenth: UInt64?
  private let unit: StaticString

  init(_ bytes: UInt64) {
    guard bytes >= 1024 else {
      (whole, tenth, unit) = (bytes, nil, "B")
      return
    }
    // Rounding may reach the next unit: 1,048,575 bytes are 1.0 MiB.
    var power = (63 - UInt64(bytes.leadingZeroBitCount)) / 10
    var tenths = Self.tenths(of: bytes, power)
    if tenths >= 10_240, power < 6 {
      power += 1
      tenths = Self.tenths(of: bytes, power)
    }
    (whole, tenth) = (tenths / 10, tenths % 10)
    unit =
      switch power {
      case 1: "KiB"
      case 2: "MiB"
      case 3: "GiB"
      case 4: "TiB"
      case 5: "PiB"
      default: "EiB"
      }
  }

  /// Appends it, with spaces before it up to `width` columns.
  func write(to out: inout OutputBuffer, width: Int = 0) {
    let length = decimalLength(of: whole) + (tenth == nil ? 0 : 2) + 1 + unit.utf8CodeUnitCount
    out.append(repeating: UInt8(ascii: " "), count: width - length)
    out.append(decimal: whole)
    if let tenth {
      out.append(UInt8(ascii: "."))
      out.append(decimal: tenth)
    }
    out.append(UInt8(ascii: " "))
    out.append(unit)
  }

  /// `bytes` in tenths of 1024 to the `power`, rounded, without leaving 64 bits.
  private static func tenths(of bytes: UInt64, _ power: UInt64) -> UInt64 {
    let unit: UInt64 = 1 << (10 * power)
    return bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit
  }
}
