import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

/// A client, a server and a capture between them: sends segments whose numbers count from the first byte of
/// each stream, so that the SYN stands at -1.
final class Wire {
  let log = Recorder()
  var reassembler: TCPReassembler
  /// The sequence numbers of the first bytes.
  var clientStart: UInt32
  var serverStart: UInt32
  var clientPort: UInt16 = 40_000
  /// The packet sent last.
  var packet: UInt64 = 0
  /// The time of the packet sent next, in nanoseconds.
  var time: Int64 = 1_000_000_000
  /// How much later the packet after it is captured.
  var interval: Int64 = 1000
  /// The window in every segment from now on.
  var window: UInt16 = 65_535
  var urgentPointer: UInt16 = 0

  init(
    clientStart: UInt32 = 1001, serverStart: UInt32 = 50_001,
    limits: ReassemblyLimits = ReassemblyLimits(), observes: Bool = false
  ) {
    self.clientStart = clientStart
    self.serverStart = serverStart
    reassembler = TCPReassembler(limits: limits, observesTransport: observes, seed: 42)
  }

  /// The client sends `text` at `offset` of its stream, and acknowledges the server's stream up to `ack`.
  func client(
    _ offset: Int, _ text: String = "", _ flags: TCPFlags = .ack, ack: Int = 0, cut: Int = 0
  ) {
    send(.fromInitiator, offset, Array(text.utf8), flags, ack: ack, cut: cut)
  }

  /// The server sends `text` at `offset` of its stream, and acknowledges the client's stream up to `ack`.
  func server(
    _ offset: Int, _ text: String = "", _ flags: TCPFlags = .ack, ack: Int = 0, cut: Int = 0
  ) {
    send(.fromResponder, offset, Array(text.utf8), flags, ack: ack, cut: cut)
  }

  func send(
    _ direction: FlowDirection, _ offset: Int, _ bytes: [UInt8], _ flags: TCPFlags, ack: Int = 0,
    cut: Int = 0
  ) {
    let isClient = direction == .fromInitiator
    let (start, other) = isClient ? (clientStart, serverStart) : (serverStart, clientStart)
    let client = IPAddress(ipv4: 0x0a00_0001)
    let server = IPAddress(ipv4: 0x0a00_0002)
    let segment = TCPSegment(
      source: isClient ? client : server, destination: isClient ? server : client,
      sourcePort: isClient ? clientPort : 80, destinationPort: isClient ? 80 : clientPort,
      sequence: start &+ UInt32(truncatingIfNeeded: offset),
      acknowledgment: flags.contains(.ack) ? other &+ UInt32(truncatingIfNeeded: ack) : 0,
      flags: flags, window: window, urgentPointer: urgentPointer,
      payloadLength: bytes.count, cutBytes: cut)
    packet += 1
    reassembler.receive(
      segment, payload: bytes.span, packet: packet, time: CaptureTime(nanoseconds: time), into: log)
    time += interval
  }

  func handshake() {
    client(-1, "", .syn)
    server(-1, "", [.syn, .ack])
    client(0)
  }

  /// The capture ends. What must hold in every case is checked here.
  func finish(sourceLocation: SourceLocation = #_sourceLocation) {
    reassembler.finish(packet: packet, time: CaptureTime(nanoseconds: time), into: log)
    #expect(log.violations.isEmpty, sourceLocation: sourceLocation)
    #expect(log.openTokens == 0, "each opened has its closed", sourceLocation: sourceLocation)
    #expect(pendingCharge == 0, sourceLocation: sourceLocation)
  }

  var pendingCharge: Int { reassembler.shared.pendingCharge }
  var counts: ReassemblyCounts { reassembler.counts }
  /// The connection opened first; an empty one before that.
  var connection: Recorder.Connection { log.connections.first ?? nothing }
  var clientText: String { connection.client.text }
  var serverText: String { connection.server.text }

  private var nothing: Recorder.Connection {
    let nobody = Endpoint(address: IPAddress(ipv4: 0), port: 0)
    return Recorder.Connection(
      info: ConnectionInfo(stream: .max, initiator: nobody, responder: nobody, sawStart: false))
  }
}
