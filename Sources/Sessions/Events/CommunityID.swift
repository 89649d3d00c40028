import HTTP1
import PacketLayers
import TCPReassembly

/// Community ID v1: one name for a connection across tools (Zeek, Suricata, Arkime).
///
/// "1:" + base64(SHA-1(seed16 ‖ address ‖ address ‖ protocol ‖ 0 ‖ port ‖ port)), the smaller end first.
enum CommunityID {
  static func of(_ a: Endpoint, _ b: Endpoint) -> String {
    let (first, second) = isOrdered(a, b) ? (a, b) : (b, a)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(40)
    append(0, bytes: 2, to: &bytes)
    append(first.address, to: &bytes)
    append(second.address, to: &bytes)
    append(0x0600, bytes: 2, to: &bytes)
    append(UInt64(first.port), bytes: 2, to: &bytes)
    append(UInt64(second.port), bytes: 2, to: &bytes)
    return "1:" + Base64Digest(of: bytes.span).text
  }

  private static func isOrdered(_ a: Endpoint, _ b: Endpoint) -> Bool {
    if a.address.high != b.address.high { return a.address.high < b.address.high }
    if a.address.low != b.address.low { return a.address.low < b.address.low }
    return a.port < b.port
  }

  private static func append(_ address: IPAddress, to bytes: inout [UInt8]) {
    if address.isIPv4 { return append(address.low, bytes: 4, to: &bytes) }
    append(address.high, bytes: 8, to: &bytes)
    append(address.low, bytes: 8, to: &bytes)
  }

  /// The lowest bytes of a number, the highest of them first.
  private static func append(_ number: UInt64, bytes count: UInt64, to bytes: inout [UInt8]) {
    for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> (index * 8))) }
  }
}
