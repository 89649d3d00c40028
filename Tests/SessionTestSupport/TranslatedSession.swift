import TestSupport
import WebSocketDecoding
import WireBytes

/// A session whose connection is captured on both sides of address translation: `near` the client and `far` from it.
///
/// The session is read from the far side, where the answer to the upgrade is captured first.
package struct TranslatedSession: Sendable {
  package var near: TCPConversation
  package var far: TCPConversation

  /// Nanoseconds that translation takes.
  package static let delay: Int64 = 10_000

  /// The upgrade on both sides.
  package init() {
    near = TCPConversation(
      client: TestEndpoint("10.0.0.1", 40_000), server: TestEndpoint("10.0.0.2", 80),
      clientSequence: 3_360_281_102, serverSequence: 638_585_273)
    far = TCPConversation(
      client: TestEndpoint("10.0.1.1", 50_000), server: TestEndpoint("10.0.1.2", 9000),
      clientSequence: 3_360_281_102, serverSequence: 638_585_273)
    both(.client) { $0.segment(from: .client, .syn) }
    both(.server) { $0.segment(from: .server, [.syn, .ack]) }
    both(.client) { $0.segment(from: .client, .ack) }
    var whole = TCPConversation()
    whole.upgrade()
    let payloads = whole.packets.suffix(2).map { Array($0.bytes.dropFirst(54)) }
    both(.client) { $0.send(from: .client, payloads[0]) }
    both(.server) { $0.send(from: .server, payloads[1]) }
  }

  package var packets: [Packet] { near.packets + far.packets }

  /// What a side does, seen on both sides of the translation.
  package mutating func both(_ side: Side, _ act: (inout TCPConversation) -> Void) {
    let now = max(near.now.nanoseconds, far.now.nanoseconds)
    near.now = CaptureTime(nanoseconds: now + (side == .client ? 0 : Self.delay))
    far.now = CaptureTime(nanoseconds: now + (side == .client ? Self.delay : 0))
    act(&near)
    act(&far)
  }

  /// What is seen only near the client. The other side does not get it.
  package mutating func onlyNear(_ act: (inout TCPConversation) -> Void) {
    near.now = max(near.now, far.now)
    act(&near)
  }

  /// A text message on both sides.
  package mutating func text(_ side: Side, _ text: String) {
    both(side) { $0.text(from: side, text) }
  }

  package mutating func wait(seconds: Int) {
    near.wait(milliseconds: seconds * 1000)
    far.wait(milliseconds: seconds * 1000)
  }
}
