import Testing
import WireBytes

@testable import HTTP1

/// A head of thousands of elements, each of which breaks a rule: the first are reported, and all are counted.
@Suite("Findings of one handshake")
struct HandshakeFindingsTests {
  struct Flood: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// How often which side breaks which rule by `elements` elements.
    let rule: Rule
    let side: Side
    let request: @Sendable (_ elements: Int) -> String?
    let response: @Sendable (_ elements: Int) -> String?
  }

  private static func list(_ count: Int, _ element: (Int) -> String, _ separator: String = ",") -> String {
    (0..<count).map(element).joined(separator: separator)
  }

  static let floods = [
    Flood(
      testDescription: "subprotocols offered again", rule: HandshakeRule.repeatedSubprotocol, side: .client,
      request: { "Sec-WebSocket-Protocol: a," + list($0, { _ in "a" }) }, response: { _ in nil }),
    Flood(
      testDescription: "parameters of an offer", rule: DeflateRule.unknownParameter, side: .client,
      request: { "Sec-WebSocket-Extensions: permessage-deflate;" + list($0, { "x\($0)" }, ";") },
      response: { _ in nil }),
    Flood(
      testDescription: "extensions that were not offered", rule: HandshakeRule.extensionNotOffered,
      side: .server, request: { "Sec-WebSocket-Extensions: " + list($0, { "y\($0)" }) },
      response: { "Sec-WebSocket-Extensions: " + list($0, { "x\($0)" }) }),
    Flood(
      testDescription: "subprotocols that were not offered", rule: HandshakeRule.subprotocolNotOffered,
      side: .server, request: { "Sec-WebSocket-Protocol: " + list($0, { "y\($0)" }) },
      response: { "Sec-WebSocket-Protocol: " + list($0, { "x\($0)" }) }),
  ]

  @Test("are reported up to a limit, and counted beyond it", arguments: floods, [1, 64, 65, 5000])
  func limit(flood: Flood, count: Int) throws {
    let conversation = Conversation([
      .client(head(goodRequest + [flood.request(count)].compactMap { $0 })),
      .server(head(goodResponse + [flood.response(count)].compactMap { $0 })),
    ])
    let handshake = try #require(conversation.handshakes.first)
    let reported = handshake.anomalies.filter { $0.rule == flood.rule && $0.side == flood.side }
    #expect(reported.count == min(count, 64))
    let suppressed = handshake.suppressed.filter { $0.rule == flood.rule && $0.side == flood.side }
    #expect(suppressed.map(\.count) == (count > 64 ? [count] : []))
  }
}
