import TestSupport
import Testing
import WireBytes

@testable import PacketLayers

/// What each header says comes next, and where, at the values where that changes.
@Suite("Headers of tunnels")
struct TunnelHeaderTests {
  typealias Strip = @Sendable (Span<UInt8>, inout Extent) -> NetworkProtocol?

  /// What comes next, and after how many bytes.
  private func strip(_ bytes: [UInt8], _ strip: Strip) -> (next: NetworkProtocol?, start: Int) {
    var extent = Extent(captured: bytes.count, original: bytes.count)
    let next = strip(bytes.span, &extent)
    return (next, extent.start)
  }

  private static let snap: [UInt8] = [0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0]
  private static let rest = [UInt8](repeating: 0, count: 40)

  @Test(
    "A type up to 1500 is a length in Ethernet, and nothing in GENEVE and GRE",
    arguments: [
      (0x0800, .ipv4, .ipv4), (0x86dd, .ipv6, .ipv6), (1500, .other, .ipv4), (1501, .other, .other),
      (8, .other, .ipv4), (0xffff, .other, .other),
    ] as [(UInt16, NetworkProtocol, NetworkProtocol)])
  func types(type: UInt16, inTunnels: NetworkProtocol, inEthernet: NetworkProtocol) {
    let field = bigEndianBytes(type)
    let after = Self.snap + Self.rest
    #expect(strip([0, 0] + field + [0, 0, 1, 0] + after) { stripGENEVE(from: $0, &$1) }.next == inTunnels)
    #expect(strip([0, 0] + field + after) { stripGRE(from: $0, &$1) }.next == inTunnels)
    let frame = [UInt8](repeating: 2, count: 12) + field + after
    let bridged: [UInt8] = [0, 0, 0x65, 0x58]
    #expect(strip(bridged + frame) { stripGRE(from: $0, &$1) }.next == inEthernet)
    #expect(strip([8, 0, 0, 0, 0, 0, 1, 0] + frame) { stripVXLAN(from: $0, &$1) }.next == inEthernet)
  }

  @Test(
    "GENEVE: 8 bytes and 4 for each word of options, of version 0",
    arguments: [
      (0, 8, .ipv4), (1, 12, .ipv4), (0x3f, 0, .truncated), (0x40, 0, nil), (0x80, 0, nil), (9, 44, .ipv4),
      (10, 48, .ipv4), (11, 0, .truncated),
    ] as [(UInt8, Int, NetworkProtocol?)])
  func geneve(first: UInt8, start: Int, next: NetworkProtocol?) {
    let found = strip([first, 0, 8, 0, 0, 0, 1, 0] + Self.rest) { stripGENEVE(from: $0, &$1) }
    #expect(found.next == next)
    #expect(found.start == start)
  }

  @Test("Headers that are cut", arguments: 0...9)
  func cut(count: Int) {
    let header = Array(([8, 0, 8, 0, 0, 0, 1, 0] as [UInt8] + Self.rest).prefix(count))
    let geneve = strip([0] + header.dropFirst()) { stripGENEVE(from: $0, &$1) }
    #expect(count == 0 || geneve.next == (count < 8 ? nil : .ipv4))
    let vxlan = strip(header) { stripVXLAN(from: $0, &$1) }
    #expect(vxlan.next == (count < 8 ? nil : .truncated))
    let gpe = strip([0x0c, 0, 0, 1] + header.dropFirst(4)) { stripVXLANGPE(from: $0, &$1) }
    #expect(count < 4 || gpe.next == (count < 8 ? nil : .ipv4))
    let gre = strip([0] + header.dropFirst()) { stripGRE(from: $0, &$1) }
    #expect(count == 0 || gre.next == (count < 4 ? .truncated : .ipv4))
    #expect(count < 4 || gre.start == 4)
  }

  @Test(
    "GRE: 4 bytes for each of checksum, key, sequence and acknowledgment",
    arguments: [
      (0x0000, 4, .ipv4), (0x8000, 8, .ipv4), (0x2000, 8, .ipv4), (0x1000, 8, .ipv4), (0xb000, 16, .ipv4),
      (0x0080, 4, .ipv4), (0x0001, 4, .ipv4), (0x0081, 8, .ipv4), (0x3081, 16, .ipv4), (0x0002, 4, .other),
      (0x4000, 4, .other),
    ] as [(UInt16, Int, NetworkProtocol)])
  func gre(flags: UInt16, start: Int, next: NetworkProtocol) {
    let found = strip(bigEndianBytes(flags) + [8, 0] + Self.rest) { stripGRE(from: $0, &$1) }
    #expect(found.next == next)
    #expect(found.start == start)
  }

  @Test(
    "ERSPAN: its header by its type",
    arguments: [
      (0x0000, 0x88be, 0, 4 + 14), (0x1000, 0x88be, 0, 8 + 8 + 14), (0x0000, 0x22eb, 0, 4 + 12 + 14),
      (0x1000, 0x22eb, 0, 8 + 12 + 14), (0x0000, 0x22eb, 1, 4 + 12 + 8 + 14),
      (0x0000, 0x22eb, 2, 4 + 12 + 14),
    ] as [(UInt16, UInt16, UInt8, Int)])
  func erspan(flags: UInt16, type: UInt16, lastByte: UInt8, start: Int) {
    let sequence = [UInt8](repeating: 0, count: flags == 0 ? 0 : 4)
    let ofType3: [UInt8] = [UInt8](repeating: 0, count: 11) + [lastByte]
    let ofType2 = [UInt8](repeating: 0, count: flags == 0 ? 0 : 8)
    let platform = [UInt8](repeating: 0, count: lastByte & 1 == 1 ? 8 : 0)
    let header = type == 0x22eb ? ofType3 + platform : ofType2
    let frame = [UInt8](repeating: 2, count: 12) + [8, 0]
    let found = strip(bigEndianBytes(flags) + bigEndianBytes(type) + sequence + header + frame + Self.rest) {
      stripGRE(from: $0, &$1)
    }
    #expect(found.next == .ipv4)
    #expect(found.start == start)
  }
}
