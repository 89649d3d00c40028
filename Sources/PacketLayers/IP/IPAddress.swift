import WireBytes

/// An IPv4 or IPv6 address in 128 bits, with the first byte on the wire as the most significant one.
///
/// An IPv4 address is held as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), so one type and one comparison serve both families in
/// the flow table. An IPv6 packet between two such mapped addresses would look like IPv4, but no host may send one.
public struct IPAddress: Hashable, Sendable {
  /// The first eight bytes, as a big-endian number.
  public var high: UInt64
  /// The last eight bytes, as a big-endian number.
  public var low: UInt64

  /// An address from its two halves.
  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The address 10.0.0.1 from 0x0a000001.
  @inlinable
  public init(ipv4: UInt32) {
    high = 0
    low = 0xffff_0000_0000 | UInt64(ipv4)
  }

  /// Whether it is an IPv4 address.
  @inlinable public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }
}

extension IPAddress: CustomStringConvertible {
  /// A dotted quad, or the canonical IPv6 text of RFC 5952: `10.0.0.1`, `2001:db8::1`.
  public var description: String {
    isIPv4 ? dottedQuad : canonicalIPv6
  }

  private var dottedQuad: String {
    var text = String(UInt8(truncatingIfNeeded: low >> 24))
    for shift in [UInt64(16), 8, 0] {
      text += "."
      text += String(UInt8(truncatingIfNeeded: low >> shift))
    }
    return text
  }

  private var canonicalIPv6: String {
    let groups = [high, low].flatMap { half in
      stride(from: 48, through: 0, by: -16).map { UInt16(truncatingIfNeeded: half >> $0) }
    }
    let zeros = longestRunOfZeros(in: groups)
    guard let zeros else { return text(groups[...]) }
    return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
  }

  private func text(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  /// RFC 5952 §4.2: the longest run of two or more groups is shortened, the first one of equal length.
  private func longestRunOfZeros(in groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var index = 0
    while index < groups.count {
      let start = index
      while index < groups.count, groups[index] == 0 { index += 1 }
      if index - start >= 2, index - start > (best?.count ?? 0) { best = start..<index }
      if index == start { index += 1 }
    }
    return best
  }
}

extension Span where Element == UInt8 {
  /// The IPv4 address at `offset`.
  @inline(__always)
  func ipv4Address(at offset: Int) -> IPAddress { IPAddress(ipv4: uint32(at: offset)) }

  /// The IPv6 address at `offset`.
  @inline(__always)
  func ipv6Address(at offset: Int) -> IPAddress {
    IPAddress(high: uint64(at: offset), low: uint64(at: offset + 8))
  }
}
