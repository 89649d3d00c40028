import HTTPUpgrade
import PacketLayers
import StreamReassembly

/// Community ID v1: one name for a connection across tools (Zeek, Suricata, Arkime).
///
/// "1:" + base64(SHA-1(seed16 ‖ address ‖ address ‖ protocol ‖ 0 ‖ port ‖ port)), the smaller end first.
enum CommunityID {
  static func of(_ a: Endpoint, _ b: Endpoint) -> String {
    let (first, second) = isOrdered(a, b) ? (a, b) : (b, a)
    var bytes: [UInt8] = [0, 0]
    bytes += addressBytes(first.address)
    bytes += addressBytes(second.address)
    bytes += [6, 0]
    for port in [first.port, second.port] { bytes += [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] }
    return "1:" + Base64Digest(of: bytes.span).text
  }

  private static func isOrdered(_ a: Endpoint, _ b: Endpoint) -> Bool {
    if a.address.high != b.address.high { return a.address.high < b.address.high }
    if a.address.low != b.address.low { return a.address.low < b.address.low }
    return a.port < b.port
  }

  private static func addressBytes(_ address: IPAddress) -> [UInt8] {
    let halves = [address.high, address.low].flatMap { half in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
    }
    return address.isIPv4 ? Array(halves[12...]) : halves
  }
}
