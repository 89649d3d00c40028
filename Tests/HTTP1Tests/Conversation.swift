import TestSupport
import WireBytes

@testable import HTTP1

/// Lines with CR LF, and the empty line that ends a head.
func head(_ lines: String...) -> [UInt8] { head(lines) }

func head(_ lines: [String]) -> [UInt8] {
  Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
}

/// The pair of RFC 6455 §1.3.
let sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="
let sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

let goodRequest = [
  "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
  "Sec-WebSocket-Key: \(sampleKey)", "Origin: http://example.com", "Sec-WebSocket-Version: 13",
]
let goodResponse = [
  "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
  "Sec-WebSocket-Accept: \(sampleAccept)",
]
let get = head("GET /plain HTTP/1.1", "Host: h")
let ok = head("HTTP/1.1 200 OK", "Content-Length: 4") + Array("body".utf8)
let upgrade = head(goodRequest)
let switching = head(goodResponse)
/// A masked text frame "Hello", RFC 6455 §5.7.
let maskedHello: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
/// The same from a server.
let hello: [UInt8] = [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]

extension [String] {
  /// Without the fields called `name`, and with `added` at the end.
  func without(_ name: String, adding added: String...) -> [String] {
    filter { !$0.lowercased().hasPrefix(name.lowercased() + ":") } + added
  }
  /// With another first line.
  func beginning(_ line: String) -> [String] { [line] + dropFirst() }
}

/// One step of a conversation, in the order of the capture; each is a packet of its own.
enum Step {
  case client([UInt8])
  case server([UInt8])
  case clientLost(UInt64)
  case serverLost(UInt64)
  case clientEnd
  case serverEnd
}

/// How HTTP ended, in a form that can be compared.
enum Ending: Equatable {
  case notHTTP, webSocket, unnamed, unknown
  case tunnel(target: String)
  case other(String)
}

/// Feeds an exchange as the wiring does, and keeps what comes out of it.
struct Conversation {
  private let exchange: HTTP1Exchange
  var events: [ExchangeEvent] = []
  /// How HTTP ended; nil while it goes on.
  private(set) var ending: Ending?
  /// The handshake that led to frames.
  private var upgrade: Handshake?
  /// Where the client's frames begin.
  private(set) var clientStart = ClientStart.known
  /// What was handed over on each side.
  var clientAfter: [UInt8] = []
  var serverAfter: [UInt8] = []
  /// What waited until HTTP had ended.
  private(set) var replayed = ReplayBuffer()
  private var offsets: [UInt64] = [0, 0]
  private var packet: UInt64 = 0

  init(_ steps: [Step] = [], startCaptured: Bool = true, limits: HTTPLimits = HTTPLimits()) {
    exchange = HTTP1Exchange(startCaptured: startCaptured, limits: limits)
    for step in steps { take(step) }
  }

  /// `packet`: of the step, when it is not the next one.
  mutating func take(_ step: Step, packet number: UInt64? = nil) {
    packet = number ?? packet + 1
    switch step {
    case .client(let bytes): receive(bytes, .client)
    case .server(let bytes): receive(bytes, .server)
    case .clientLost(let lost): skip(lost, .client)
    case .serverLost(let lost): skip(lost, .server)
    case .clientEnd: finish(.client)
    case .serverEnd: finish(.server)
    }
  }

  private func position(_ side: Side) -> StreamPosition {
    StreamPosition(
      offset: offsets[Int(side.rawValue)], packet: packet, time: CaptureTime(nanoseconds: Int64(packet)))
  }

  /// Takes what one packet brings in several calls.
  mutating func take(_ step: Step, inPieces cut: (Int) -> [Int]) {
    let (bytes, side): ([UInt8], Side)
    switch step {
    case .client(let sent): (bytes, side) = (sent, .client)
    case .server(let sent): (bytes, side) = (sent, .server)
    case .clientLost, .serverLost, .clientEnd, .serverEnd: return take(step)
    }
    packet += 1
    var start = 0
    for count in cut(bytes.count) {
      receive(Array(bytes[start..<start + count]), side)
      start += count
    }
  }

  private mutating func receive(_ bytes: [UInt8], _ side: Side) {
    // The packet number marks what the bytes bring with them.
    let acknowledged = packet * 1000
    var taken = 0
    if ending == nil {
      taken = act(
        on: exchange.receive(bytes.span, from: side, at: position(side), peerAcknowledged: acknowledged),
        bytes.count)
    }
    // What the exchange did not take is for what follows it.
    if taken < bytes.count, case .after(let remainder) = clientStart, side == .client {
      let rest = Array(bytes[taken...])
      taken += act(
        on: remainder.receive(
          rest.span, at: position(side).advanced(by: taken), peerAcknowledged: acknowledged),
        rest.count)
    }
    offsets[Int(side.rawValue)] += UInt64(bytes.count)
    pass(Array(bytes[taken...]), side)
  }

  private mutating func skip(_ lost: UInt64, _ side: Side) {
    if case .after(let remainder) = clientStart, side == .client {
      _ = act(on: remainder.skip(lost, at: position(side)), 0)
    } else if ending == nil {
      _ = act(on: exchange.skip(lost, from: side, at: position(side)), 0)
    }
    offsets[Int(side.rawValue)] &+= lost
  }

  private mutating func finish(_ side: Side) {
    if case .after(let remainder) = clientStart, side == .client {
      _ = act(on: remainder.finish(at: position(side)), 0)
    } else if ending == nil {
      _ = act(on: exchange.finish(side, at: position(side)), 0)
    }
  }

  private mutating func act(on step: ExchangeStep, _ count: Int) -> Int {
    switch step {
    case .taken: return count
    case .found(let found):
      events += found
      return count
    case .handOver(let handOver):
      events += handOver.events
      switch handOver.next {
      case .notHTTP: ending = .notHTTP
      case .webSocket(let handshake, let start):
        (ending, upgrade, clientStart) = (.webSocket, handshake, start)
      case .unnamed(let handshake): (ending, upgrade) = (.unnamed, handshake)
      case .tunnel(let target, _): ending = .tunnel(target: target)
      case .other(let name): ending = .other(name)
      case .unknown: ending = .unknown
      }
      replay(handOver.replay)
      return handOver.taken
    }
  }

  private mutating func act(on step: ClientRemainder.Step, _ count: Int) -> Int {
    guard case .ended(let end) = step else { return count }
    clientStart = end.isCertain ? .known : .uncertain
    if let anomaly = end.anomaly { events.append(.anomaly(anomaly)) }
    replay(end.replay)
    return end.taken
  }

  private mutating func replay(_ buffer: ReplayBuffer) {
    replayed.putBack(buffer)
    for piece in buffer.pieces { pass(piece.bytes ?? [], piece.side) }
  }

  private mutating func pass(_ bytes: [UInt8], _ side: Side) {
    if side == .client { clientAfter += bytes } else { serverAfter += bytes }
  }

  /// Whether the client's frames begin with its next byte, without a doubt.
  var isClientCertain: Bool { if case .known = clientStart { true } else { false } }

  /// Whether the client still sends HTTP after the upgrade.
  var isClientLate: Bool { if case .after = clientStart { true } else { false } }

  var handshakes: [Handshake] {
    events.compactMap { if case .notUpgraded(let handshake) = $0 { handshake } else { nil } }
      + (upgrade.map { [$0] } ?? [])
  }

  var requests: [HTTPHead] {
    events.compactMap { if case .upgradeRequested(let head) = $0 { head } else { nil } }
  }

  /// Rules broken outside of handshakes.
  var rules: [String] {
    events.compactMap { if case .anomaly(let anomaly) = $0 { anomaly.rule.name } else { nil } }
  }
}

/// A good request and its answer, or others, as one handshake.
func handshake(_ request: [String] = goodRequest, _ response: [String] = goodResponse) -> Handshake? {
  Conversation([.client(head(request)), .server(head(response))]).handshakes.first
}

/// Writes down all that a decoder says.
final class Recorder: HTTPSink {
  var lines: [String] = []
  /// What to do after each head; `.body` when they are used up.
  var answers: [AfterHead]

  init(_ answers: [AfterHead] = []) { self.answers = answers }

  func head(_ head: borrowing BorrowedHead) -> AfterHead {
    write(HTTPHead(head))
    return answers.isEmpty ? .body : answers.removeFirst()
  }

  func cutHead(_ head: borrowing BorrowedHead) -> AfterCutHead {
    write(HTTPHead(head))
    return .search
  }

  private func write(_ copy: HTTPHead) {
    let first =
      copy.kind == .request ? "\(copy.method) \(copy.target)" : "\(copy.status) \(copy.reason)"
    let fields = copy.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
    let rules = copy.anomalies.map(\.rule.name).joined(separator: ",")
    let cut = copy.isCut ? "cut: " : ""
    lines.append("\(cut)\(first) [\(fields)] \(place(copy.start))-\(place(copy.end)) \(rules)")
  }

  func tooLargeHead(_ head: borrowing BorrowedHead, _ detail: String) { lines.append(detail) }

  func anomaly(_ anomaly: Anomaly) {
    lines.append("\(anomaly.rule.name) \(place(anomaly.position)) \(anomaly.detail)")
  }

  private func place(_ position: StreamPosition) -> String { "\(position.offset)#\(position.packet)" }
}

/// All that a fresh decoder says about a stream, and where it left off.
func recorded(
  _ stream: SplitStream, _ side: Side, _ answers: [AfterHead] = [], limits: HTTPLimits = HTTPLimits()
) -> [String] {
  var decoder = HTTPDecoder(side: side, limits: limits)
  let recorder = Recorder(answers)
  let end = stream.feed(to: &decoder, into: recorder)
  let state = decoder.state
  let begun = decoder.takePending()?.bytes.count ?? 0
  return recorder.lines + ["\(state) at \(end - UInt64(begun))"]
}
