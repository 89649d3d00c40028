import WireBytes

extension OutputBuffer {
  /// Appends bytes in base64 (RFC 4648 §4), with padding, straight from where they lie.
  public mutating func append(base64 bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      // Pieces bound the room asked for; all but the last are multiples of three.
      let piece = min(bytes.count &- index, 12 * 1024)
      append(base64Piece: bytes, from: index, to: index &+ piece)
      index &+= piece
    }
  }

  private mutating func append(base64Piece bytes: Span<UInt8>, from start: Int, to end: Int) {
    var index = start
    var tail = unsafe room(for: (end &- start) / 3 &* 4 &+ 16)
    // Six bytes become eight characters. The load takes eight: the last ones of the input go the slow way.
    while index &+ 6 <= end, index &+ 8 <= bytes.count {
      let sixBytes = bytes.uint64(at: index) &>> 16
      unsafe store(base64Characters(base64Values(sixBytes)).byteSwapped, at: tail)
      unsafe tail += 8
      index &+= 6
    }
    while index < end {
      let taken = min(end &- index, 3)
      var three: UInt64 = 0
      for offset in 0..<3 {
        three = three &<< 8 | (offset < taken ? UInt64(bytes[index &+ offset]) : 0)
      }
      let characters = base64Characters(base64Values(three))
      for place in 0..<4 {
        let shift = UInt64(24 &- place &* 8)
        let isPadding = place > taken
        unsafe tail[place] =
          isPadding ? UInt8(ascii: "=") : UInt8(truncatingIfNeeded: characters &>> shift)
      }
      unsafe tail += 4
      index &+= taken
    }
    didWrite(unsafe tail - room(for: 0))
  }
}

/// Spreads 48 bits over eight bytes, six bits in each, the first ones in the highest byte.
@inline(__always)
private func base64Values(_ bits: UInt64) -> UInt64 {
  let by24 = (bits & 0xFFFF_FF00_0000) &<< 8 | (bits & 0xFF_FFFF)
  let by12 = (by24 & 0x00FF_F000_00FF_F000) &<< 4 | (by24 & 0x0000_0FFF_0000_0FFF)
  return (by12 & 0x0FC0_0FC0_0FC0_0FC0) &<< 2 | (by12 & 0x003F_003F_003F_003F)
}

/// The characters of eight values at once. A to Z stand 65 above their value, a to z 71, digits 4 below, `+`
/// 19 below and `/` 16 below; in this order no byte borrows from its neighbour.
@inline(__always)
private func base64Characters(_ values: UInt64) -> UInt64 {
  let each: UInt64 = 0x0101_0101_0101_0101
  @inline(__always) func isAtLeast(_ bound: UInt64) -> UInt64 {
    ((values &+ each &* (128 &- bound)) &>> 7) & each
  }
  return values &+ each &* 65 &+ isAtLeast(26) &* 6 &- isAtLeast(52) &* 75 &- isAtLeast(62) &* 15
    &+ isAtLeast(63) &* 3
}
