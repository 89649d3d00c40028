import HTTP1
import PacketLayers
import SessionTestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis
@testable import Sessions
@testable import TCPReassembly

/// A stage that has byte streams of its own, one as TLS or many as HTTP/2, is to the dispatcher what TCP is: it opens each
/// stream and gives it bytes, gaps and an end.
@Suite("Streams that one connection carries")
struct CarriedStreamsTests {
  /// Streams of one connection, whose bytes come in packets that they share.
  private struct Carrier {
    let heard = Heard(EventNeeds(payloadBytes: 1 << 20, controlBytes: 1 << 20))
    let dispatcher: Dispatcher
    var tokens: [UInt32] = []
    /// By stream and side, bytes so far.
    var offsets: [[UInt64]] = []
    var packet: UInt64 = 0

    init(streams: Int) {
      let table = SessionTable(merge: SessionMerge(sink: heard, heard.needs), heard.needs, hidesSecrets: true)
      dispatcher = Dispatcher(sessions: table, options: DecodingOptions(), ports: PortOptions())
      let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40_000)
      let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 443)
      for _ in 0..<streams {
        tokens.append(
          dispatcher.opened(ConnectionInfo(stream: 7, initiator: client, responder: server, sawStart: true)))
        offsets.append([0, 0])
      }
    }

    func position(_ stream: Int, _ side: Side) -> StreamPosition {
      StreamPosition(
        offset: offsets[stream][Int(side.rawValue)], packet: packet,
        time: CaptureTime(nanoseconds: Int64(packet) * 1_000_000))
    }

    mutating func send(_ side: Side, _ bytes: [UInt8], on stream: Int) {
      let context = DeliveryContext(
        at: position(stream, side), peerAcknowledged: offsets[stream][Int(side.peer.rawValue)],
        peerIsDelivered: true)
      _ = dispatcher.received(
        bytes.span, context, .none, side == .client ? .fromInitiator : .fromResponder, tokens[stream])
      offsets[stream][Int(side.rawValue)] += UInt64(bytes.count)
    }

    mutating func lose(_ count: UInt64, _ side: Side, on stream: Int) {
      dispatcher.lost(
        count, side == .client ? .fromInitiator : .fromResponder, tokens[stream], at: position(stream, side))
      offsets[stream][Int(side.rawValue)] += count
    }

    func close(_ stream: Int) {
      dispatcher.closed(.fin, by: .fromResponder, tokens[stream], at: position(stream, .server))
    }
  }

  private static let request = Array(
    """
    GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
    """.utf8)
  private static let response = Array(
    """
    HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
    """.utf8)

  private static func frames(_ stream: Int, _ side: Side) -> [UInt8] {
    (0..<5).flatMap { SyntheticSession.frame(side, .text, Array("\(side) \(stream) \($0)".utf8)) }
      + SyntheticSession.frame(side, .close, [0x0B, UInt8(0xB8 + stream)])
  }

  @Test(
    "Each is a session of its own, however their bytes take turns",
    arguments: [1, 2, 7, 40, 100_000], [1, 2, 5])
  func takingTurns(size: Int, streams: Int) {
    var carrier = Carrier(streams: streams)
    for (side, bytes) in [
      (Side.client, Self.request), (.server, Self.response), (.client, nil), (.server, nil),
    ] {
      let all = (0..<streams).map { bytes ?? Self.frames($0, side) }
      for start in stride(from: 0, to: all.map(\.count).max() ?? 0, by: size) {
        carrier.packet += 1
        for stream in 0..<streams where start < all[stream].count {
          carrier.send(side, Array(all[stream][start...].prefix(size)), on: stream)
        }
      }
    }
    for stream in 0..<streams { carrier.close(stream) }

    let heard = carrier.heard
    let numbers = Array(1...UInt64(streams))
    let codes: [UInt16?] = (0..<streams).map { UInt16(3000 + $0) }
    #expect(heard.opened.map(\.session.number) == numbers)
    #expect(heard.opened.allSatisfy { $0.tcpStream == 7 && $0.outcome == .upgraded })
    #expect(heard.closed.map(\.session.number) == numbers)
    #expect(heard.closed.map(\.verdict.code) == codes)
    for closed in heard.closed {
      #expect(closed.client.messages == 5 && closed.server.messages == 5)
    }
    #expect(heard.rules.isEmpty, "\(heard.findings)")
  }

  @Test("What one of them lacks is missing in its session only")
  func gap() {
    var carrier = Carrier(streams: 2)
    for stream in 0..<2 {
      carrier.packet += 1
      carrier.send(.client, Self.request, on: stream)
      carrier.send(.server, Self.response, on: stream)
    }
    carrier.lose(100, .server, on: 0)
    for stream in 0..<2 { carrier.send(.server, SyntheticSession.frame(.server, .text, [0x61]), on: stream) }
    for stream in 0..<2 { carrier.close(stream) }
    #expect(carrier.heard.closed.map(\.server.lostBytes) == [100, 0])
    #expect(carrier.heard.closed.last?.server.messages == 1)
  }

  @Test("The place of one that has ended is taken by the next, which knows nothing of it")
  func reuse() {
    var carrier = Carrier(streams: 1)
    let first = carrier.tokens[0]
    carrier.send(.client, Self.request, on: 0)
    carrier.close(0)
    carrier.tokens[0] = carrier.dispatcher.opened(
      ConnectionInfo(
        stream: 7, initiator: Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40_000),
        responder: Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 443), sawStart: true))
    carrier.offsets[0] = [0, 0]
    #expect(carrier.tokens[0] == first)
    carrier.send(.client, Self.request, on: 0)
    carrier.send(.server, Self.response, on: 0)
    carrier.close(0)
    #expect(carrier.heard.opened.map(\.outcome) == [.incomplete, .upgraded])
  }
}
