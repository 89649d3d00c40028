/// Validates UTF-8 (RFC 3629) that arrives in pieces: fragments, segments, blocks of inflated bytes.
///
/// 32 ASCII bytes at a time, otherwise one sequence at a time, with the ranges of Unicode's table 3-7:
/// no overlong forms, no surrogates, nothing above U+10FFFF.
public struct UTF8Validator: Sendable {
  /// Continuation bytes that the current sequence still needs: 0 to 3.
  private var pending: UInt8 = 0
  /// The range that the next continuation byte must be in.
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xBF
  /// Bytes seen before the first invalid one, or so far.
  public private(set) var validBytes: UInt64 = 0
  /// A byte was seen that is not valid at its place.
  public private(set) var foundInvalid = false

  /// A validator at the start of a text.
  public init() {}

  /// Everything seen is valid and no sequence is open.
  public var isValidAtEnd: Bool { !foundInvalid && pending == 0 }

  /// Takes the next bytes of the text.
  @inline(__always)
  public mutating func receive(_ bytes: Span<UInt8>) {
    guard !foundInvalid else { return }
    // Most messages are ASCII from end to end.
    let plain = pending == 0 ? asciiPrefix(of: bytes, from: 0) : 0
    if plain == bytes.count {
      validBytes &+= UInt64(plain)
    } else {
      receiveMixed(bytes, from: plain)
    }
  }

  /// The same for bytes that may already be known to be ASCII.
  @inline(__always)
  mutating func receive(_ bytes: Span<UInt8>, isASCII: Bool) {
    if isASCII && pending == 0 && !foundInvalid {
      validBytes &+= UInt64(bytes.count)
    } else {
      receive(bytes)
    }
  }

  @inline(never)
  private mutating func receiveMixed(_ bytes: Span<UInt8>, from start: Int) {
    var index = start
    while index < bytes.count {
      if pending == 0 {
        index = asciiPrefix(of: bytes, from: index)
        index = wholeSequences(in: bytes, from: index)
        guard index < bytes.count else { break }
        // What follows is ASCII, too close to the end, or invalid: the ranges tell which.
        if bytes[index] < 0x80 { continue }
        guard open(with: bytes[index]) else { return fail(at: index) }
      } else {
        let byte = bytes[index]
        guard byte >= lowest, byte <= highest else { return fail(at: index) }
        (lowest, highest) = (0x80, 0xBF)
        pending &-= 1
      }
      index &+= 1
    }
    validBytes &+= UInt64(bytes.count)
  }

  /// Takes the lead byte of a sequence: it tells how many bytes follow, and the range of the first of them.
  @inline(__always)
  private mutating func open(with lead: UInt8) -> Bool {
    switch lead {
    case 0xC2...0xDF: (pending, lowest, highest) = (1, 0x80, 0xBF)
    case 0xE0: (pending, lowest, highest) = (2, 0xA0, 0xBF)
    case 0xED: (pending, lowest, highest) = (2, 0x80, 0x9F)
    case 0xE1...0xEF: (pending, lowest, highest) = (2, 0x80, 0xBF)
    case 0xF0: (pending, lowest, highest) = (3, 0x90, 0xBF)
    case 0xF1...0xF3: (pending, lowest, highest) = (3, 0x80, 0xBF)
    case 0xF4: (pending, lowest, highest) = (3, 0x80, 0x8F)
    default: return false
    }
    return true
  }

  private mutating func fail(at index: Int) {
    validBytes &+= UInt64(index)
    foundInvalid = true
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes are valid UTF-8 and end with a complete character.
  package var isValidUTF8: Bool {
    var validator = UTF8Validator()
    validator.receive(self)
    return validator.isValidAtEnd
  }
}

/// The index of the first byte from `start` that is not ASCII, or the count.
@inline(__always)
private func asciiPrefix(of bytes: Span<UInt8>, from start: Int) -> Int {
  unsafe bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    let count = buffer.count
    var index = start
    // Measured hot: checking every load would cost more than the loads. Nearly all long texts end here: the last
    // block overlaps the one before it, so that no loop of another width has to follow.
    if count >= 32 && index >= 0 {
      let last = count &- 32
      while index < last {
        let block = unsafe base.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
        if block & highBits != SIMD4.zero { return index &+ highBytes(in: block).trailingZeroBitCount }
        index &+= 32
      }
      let end = unsafe base.loadUnaligned(fromByteOffset: last, as: SIMD4<UInt64>.self)
      if end & highBits == SIMD4.zero { return count }
      // Bytes before `index` do not count.
      let found = UInt64(highBytes(in: end)) &>> UInt64(truncatingIfNeeded: index &- last)
      return found == 0 ? count : index &+ found.trailingZeroBitCount
    }
    while index &+ 8 <= count {
      let word = unsafe base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      guard word & 0x8080_8080_8080_8080 == 0 else { break }
      index &+= 8
    }
    while index < count, unsafe base.load(fromByteOffset: index, as: UInt8.self) < 0x80 { index &+= 1 }
    return index
  }
}

@inline(__always)
private var highBits: SIMD4<UInt64> { SIMD4(repeating: 0x8080_8080_8080_8080) }

/// A bit for each byte that is not ASCII, the lowest for the first byte.
@inline(__always)
private func highBytes(in block: SIMD4<UInt64>) -> UInt32 {
  var found: UInt64 = 0
  for word in 0..<4 {
    // The product has the eight high bits next to each other at its top.
    let product = (block[word].littleEndian & 0x8080_8080_8080_8080) &* 0x0002_0408_1020_4081
    found |= (product &>> 56) &<< UInt64(truncatingIfNeeded: 8 &* word)
  }
  return UInt32(truncatingIfNeeded: found)
}

/// The index after the valid sequences of two to four bytes that follow one another from `start`. Stops earlier if fewer than four
/// bytes follow.
@inline(__always)
private func wholeSequences(in bytes: Span<UInt8>, from start: Int) -> Int {
  var index = start
  while bytes.count &- index >= 4 {
    let word = UInt32(littleEndian: bytes.load(at: index, as: UInt32.self))
    if word & 0x00C0_C0F0 == 0x0080_80E0 {
      // Not overlong, no surrogate.
      let bits = word & 0x200F
      guard bits != 0, bits != 0x200D else { break }
      index &+= 3
    } else if word & 0xC0E0 == 0x80C0 {
      guard word & 0x1E != 0 else { break }
      index &+= 2
    } else if word & 0xC0C0_C0F8 == 0x8080_80F0 {
      // Not overlong, up to U+10FFFF.
      let bits = word & 0x3007
      guard bits != 0, bits & 7 < 4 || bits == 4 else { break }
      index &+= 4
    } else {
      break
    }
  }
  return index
}
