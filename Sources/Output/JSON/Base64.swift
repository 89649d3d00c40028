import WireBytes

/// Bytes as text of four characters for every three (RFC 4648 §4), with padding.
enum Base64 {
  /// Appends bytes in base64, straight from where they lie.
  static func write(_ bytes: Span<UInt8>, to out: inout OutputBuffer) {
    var index = 0
    while index < bytes.count {
      // Pieces bound the room asked for; all but the last are multiples of three.
      let piece = min(bytes.count &- index, 12 * 1024)
      write(piece: bytes, from: index, to: index &+ piece, to: &out)
      index &+= piece
    }
  }

  private static func write(
    piece bytes: Span<UInt8>, from start: Int, to end: Int, to out: inout OutputBuffer
  ) {
    var index = start
    var tail = unsafe out.room(for: (end &- start) / 3 &* 4 &+ 16)
    let encoded = unsafe storeBlocks(bytes, from: start, to: end, at: tail)
    index &+= encoded
    unsafe tail += encoded / 3 &* 4
    while index < end {
      let taken = min(end &- index, 3)
      var three = 0
      for offset in 0..<3 {
        three = three &<< 8 | (offset < taken ? Int(bytes[index &+ offset]) : 0)
      }
      for place in 0..<4 {
        let value = three &>> (18 &- place &* 6) & 63
        unsafe tail[place] = place > taken ? UInt8(ascii: "=") : character(value)
      }
      unsafe tail += 4
      index &+= taken
    }
    out.didWrite(unsafe tail - out.room(for: 0))
  }
}

/// Encodes six bytes at a time, four times per turn while enough are left. Returns how many bytes it encoded.
@inline(__always)
private func storeBlocks(
  _ bytes: Span<UInt8>, from start: Int, to end: Int, at tail: UnsafeMutablePointer<UInt8>
) -> Int {
  unsafe bytes.withUnsafeBytes { bytes in
    unsafe characterPairs.withUnsafeBufferPointer { pairs in
      // Measured hot: a check of every load would cost more than the loads. A load takes eight bytes: the last ones of the
      // input go the slow way.
      let last = min(end &- 6, bytes.count &- 8)
      guard start >= 0, start <= last, let base = bytes.baseAddress, let pairs = pairs.baseAddress else {
        return 0
      }
      var index = start
      var out = UnsafeMutableRawPointer(tail)
      while index &+ 18 <= last {
        for six in 0..<4 { unsafe storeSix(base + (index &+ 6 &* six), at: out + 8 &* six, pairs) }
        unsafe out += 32
        index &+= 24
      }
      while index <= last {
        unsafe storeSix(base + index, at: out, pairs)
        unsafe out += 8
        index &+= 6
      }
      return index &- start
    }
  }
}

/// Six bytes become eight characters, two at a time.
@inline(__always)
private func storeSix(
  _ six: UnsafeRawPointer, at out: UnsafeMutableRawPointer, _ pairs: UnsafePointer<UInt16>
) {
  let bits = unsafe six.loadUnaligned(as: UInt64.self).bigEndian
  for pair in 0..<4 {
    // Safe: twelve bits are below 4,096, the number of pairs.
    let place = Int(truncatingIfNeeded: bits &>> UInt64(52 &- 12 &* pair)) & 0xFFF
    unsafe out.storeBytes(of: pairs[place], toByteOffset: 2 &* pair, as: UInt16.self)
  }
}

/// The two characters of every twelve bits, the first one at the lower address: 18 instructions for six bytes
/// where arithmetic on eight characters at once took 42.
private let characterPairs: [UInt16] = (0..<4096).map { bits in
  UInt16(littleEndian: UInt16(character(bits &>> 6)) | UInt16(character(bits & 63)) &<< 8)
}

/// The character of a value below 64.
private func character(_ value: Int) -> UInt8 {
  switch value {
  case 0..<26: UInt8(ascii: "A") + UInt8(value)
  case 26..<52: UInt8(ascii: "a") + UInt8(value - 26)
  case 52..<62: UInt8(ascii: "0") + UInt8(value - 52)
  case 62: UInt8(ascii: "+")
  default: UInt8(ascii: "/")
  }
}
