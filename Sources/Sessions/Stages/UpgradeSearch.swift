import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Looks for an upgrade request in a connection that begins with something unknown, so that it can be said that there is one.
///
/// Mail, logs and documents contain such requests too. So only what the client sends is searched, and a request counts only if
/// the server answers it as HTTP does, or if the client said nothing before or after it that speaks against it.
///
/// It holds no bytes, but for a line that may be a request line and the head that follows one; with `holdsBytes` all that comes,
/// for the one who reads on from the request.
final class UpgradeSearch {
  /// What a call comes to.
  enum Finding {
    case undecided
    /// There is an upgrade request.
    case found(Request)
    /// None within the limit.
    case dismissed
  }

  /// An upgrade request that was found.
  struct Request {
    /// Where its request line begins.
    let position: StreamPosition
    /// The byte after its head, as far as that was captured.
    var end: StreamPosition
    /// Its first line where that is not a request line.
    let unreadableLine: [UInt8]?
    /// It comes first in its direction.
    let isFirst: Bool
    /// The client sent something right after it.
    var isFollowed = false
    /// That can be no frame.
    var isFollowedByOther = false
    /// Where its answer begins.
    var answer: StreamPosition?

    /// Whether there is an answer.
    var isAnswered: Bool { answer != nil }
  }

  /// Bytes of a direction that are looked at.
  static let limit: UInt64 = 64 << 10
  /// A request line that is longer is not found.
  private static let longestLine = 8 << 10
  /// Pieces of a line whose packets are known; in one of more pieces the packet of a later place may be that of an earlier one.
  private static let pieceLimit = 32
  /// Bytes of a server in which the answer to a request must begin.
  private static let answerLimit = 1024
  /// Bytes of a server that may come in one packet with its answer, and before it.
  private static let bytesBeforeAnswer = 64
  /// An unknown preamble before a request without an answer has fewer bytes. What has more is a document.
  private static let unansweredLimit: UInt64 = 1100
  /// So many lines of text before it make it a document as well.
  private static let linesOfDocument = 2
  /// A client waits so long for an answer, in nanoseconds.
  private static let shortestWait: Int64 = 1_000_000_000
  /// Bytes that are held while it is not known whether there is a request.
  private static let heldLimit = 4 << 10

  /// Where the request was searched for, and so why it was not read.
  private let reason: UnreadRequest.Reason
  /// Where there is no request, frames begin with what is held.
  let isAtStart: Bool
  private let client: FlowDirection
  /// What came, if it is to be read; nil if it is not held.
  private(set) var held: ReplayBuffer?

  private enum Reading {
    /// `isFirst`: nothing of the client was seen yet.
    case lines(isFirst: Bool)
    /// In the head of a request.
    case head(isReadable: Bool, isFirst: Bool)
  }

  private var reading = Reading.lines(isFirst: true)
  /// The unfinished line at the end of what came, if it may be of use.
  private var line: [UInt8] = []
  /// Where the pieces of that line begin, in it and in the stream, after the first one.
  private var pieces: [(index: Int, position: StreamPosition)] = []
  /// The head up to that line.
  private var head: [UInt8] = []
  /// Where the head begins; while there is none, where the unfinished line does.
  private var start = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  private var request: Request?
  /// Where the server's last packet begins that begins with a status line.
  private var statusLine: StreamPosition?
  /// Lines of text before it.
  private var linesBefore = 0
  /// The server's bytes since the request, the first of them.
  private var answer: [UInt8] = []
  private var answerBytes = 0
  private var hasServerEnded = false

  /// `client`: the direction that is searched. `isAtStart`: if there is no request, frames begin with what is held.
  init(
    _ reason: UnreadRequest.Reason, client: FlowDirection, holdsBytes: Bool = false, isAtStart: Bool = false
  ) {
    (self.reason, self.client, self.isAtStart) = (reason, client, isAtStart)
    held = holdsBytes ? ReplayBuffer() : nil
  }

  /// Why a request that was found was not read.
  func reason(of request: Request, hidesSecrets: Bool) -> UnreadRequest.Reason {
    if case .unknownProtocol = reason {
      if let line = request.unreadableLine {
        return .requestLine(RequestHead.shown(firstLine: line, hidesSecrets: hidesSecrets))
      }
      if request.isFirst { return .unknownProtocolOfServer }
    }
    return reason
  }

  /// Bytes of memory that wait to be read.
  var cost: Int { held?.cost ?? 0 }

  /// Looks at the next bytes of a direction.
  func receive(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, at position: StreamPosition,
    peerAcknowledged: UInt64? = nil
  ) -> Finding {
    hold(.bytes(bytes.toArray()), direction, position, peerAcknowledged)
    if direction == client {
      if request == nil { read(bytes, at: position) } else { noteFollowing(bytes) }
    } else if let finding = readAnswer(bytes, at: position) {
      return finding
    }
    if let request {
      if request.isAnswered { return .found(request) }
      return (held?.cost ?? 0) > Int(Self.limit) ? .dismissed : .undecided
    }
    if let held, held.cost > Self.heldLimit + head.count + line.count { return .dismissed }
    return isBeyondLimit(position, UInt64(bytes.count)) ? .dismissed : .undecided
  }

  /// Bytes of a direction are not in the capture.
  func skip(_ count: UInt64, _ direction: FlowDirection, at position: StreamPosition) -> Finding {
    hold(.gap(count), direction, position, nil)
    if direction == client, request == nil {
      endHead()
      (reading, line, pieces) = (.lines(isFirst: false), [], [])
    }
    return request == nil && isBeyondLimit(position, count) ? .dismissed : .undecided
  }

  /// A side's stream ends.
  func finish(_ direction: FlowDirection, at position: StreamPosition) -> Finding {
    hold(.end, direction, position, nil)
    if direction != client { hasServerEnded = true }
    guard direction == client, let request else { return .undecided }
    // The server closed without a word.
    if hasServerEnded { return conclude() }
    // What is sent and ends at once is a document.
    let waited = position.time.nanoseconds(since: request.end.time)
    return waited < Self.shortestWait ? .dismissed : conclude()
  }

  /// Nothing more comes. A request without an answer counts only if nothing around it speaks against it.
  func conclude() -> Finding {
    if let request, request.isAnswered { return .found(request) }
    guard let request, !request.isFollowedByOther, answerBytes == 0 else { return .dismissed }
    // Who sends a document ends it; a server that ends at a request has read it.
    let isLikely =
      hasServerEnded || request.isFirst
      || linesBefore < Self.linesOfDocument && request.position.offset < Self.unansweredLimit
    return isLikely ? .found(request) : .dismissed
  }

  private func isBeyondLimit(_ position: StreamPosition, _ count: UInt64) -> Bool {
    let end = position.offset.addingReportingOverflow(count)
    return end.overflow || end.partialValue >= Self.limit
  }

  private func hold(
    _ content: @autoclosure () -> ReplayBuffer.Piece.Content, _ direction: FlowDirection,
    _ position: StreamPosition, _ peerAcknowledged: UInt64?
  ) {
    guard held != nil else { return }
    held?.append(
      ReplayBuffer.Piece(
        side: direction == client ? .client : .server, position: position,
        peerAcknowledged: peerAcknowledged, content: content()))
  }

  // MARK: The client

  /// Reads lines. Those that are whole in these bytes are not copied.
  private func read(_ bytes: Span<UInt8>, at position: StreamPosition) {
    var place = 0
    while request == nil, place < bytes.count, let lf = bytes.first(0x0A, in: place..<bytes.count) {
      if line.isEmpty {
        take(bytes.extracting(place..<lf), at: position.advanced(by: place))
      } else {
        pieces.append((line.count, position.advanced(by: place)))
        let whole = line + bytes.extracting(place..<lf).toArray()
        line = []
        take(whole.span, at: start)
        pieces = []
      }
      place = lf + 1
      if request != nil { request?.end = position.advanced(by: place) }
    }
    guard place < bytes.count else { return }
    if request != nil { return noteFollowing(bytes.dropping(place)) }
    keep(bytes.dropping(place), at: position.advanced(by: place))
  }

  /// A line without its LF.
  private func take(_ line: Span<UInt8>, at position: StreamPosition) {
    switch reading {
    case .lines(let isFirst):
      reading = .lines(isFirst: false)
      if let place = requestLine(in: line) {
        start =
          pieces.last { $0.index <= place }.map { $0.position.advanced(by: place - $0.index) }
          ?? position.advanced(by: place)
        head = line.dropping(place).toArray() + [0x0A]
        reading = .head(isReadable: true, isFirst: isFirst && place == 0)
      } else if isFirst, line.count > 1, line.count <= Self.longestLine, RequestHead.isText(line) {
        (start, head) = (position, line.toArray() + [0x0A])
        reading = .head(isReadable: false, isFirst: true)
      } else if linesBefore < Self.linesOfDocument, line.count > 1, RequestHead.isText(line) {
        linesBefore += 1
      }
    case .head(let isReadable, _):
      if line.isEmpty || line.count == 1 && line[0] == 0x0D { return endHead() }
      let mayBelong = isReadable ? requestLine(in: line) == nil : RequestHead.isFieldLine(line)
      guard mayBelong, head.count < Self.limit else {
        linesBefore += 1
        (reading, head) = (.lines(isFirst: false), [])
        return take(line, at: position)
      }
      head += line.toArray() + [0x0A]
    }
  }

  /// The head ends here, or what was captured of it.
  private func endHead() {
    guard case .head(let isReadable, let isFirst) = reading else { return }
    if RequestHead.asksForWebSocket(head.span) {
      request = Request(
        position: start, end: start.advanced(by: head.count),
        unreadableLine: isReadable ? nil : RequestHead.firstLine(of: head.span), isFirst: isFirst)
      // A client's bytes behind a gap come late.
      if let statusLine, statusLine.packet > start.packet { request?.answer = statusLine }
    } else {
      linesBefore += 1
    }
    (reading, head) = (.lines(isFirst: false), [])
  }

  /// Where a request line begins that is at the end of a line. An unknown preamble need not end with a line.
  private func requestLine(in line: Span<UInt8>) -> Int? {
    let end = line.count > 0 && line[line.count - 1] == 0x0D ? line.count - 1 : line.count
    guard end >= 14, line.has(" HTTP/1.", at: end - 9) else { return nil }
    var place = end - 14
    while place >= max(0, end - Self.longestLine) {
      if line.has("GET ", at: place), RequestHead.isRequestLine(line.dropping(place)) { return place }
      place -= 1
    }
    return nil
  }

  /// Keeps the start of a line whose rest is still to come, if it may be of use.
  private func keep(_ rest: Span<UInt8>, at position: StreamPosition) {
    if !line.isEmpty {
      if pieces.count < Self.pieceLimit { pieces.append((line.count, position)) }
      line += rest.toArray()
    } else {
      let place = usefulPlace(in: rest)
      guard place < rest.count else { return noteNotFirst() }
      if case .lines = reading {
        start = position.advanced(by: place)
        if place > 0 { noteNotFirst() }
      }
      line = rest.dropping(place).toArray()
    }
    guard line.count > Self.longestLine else { return }
    (line, pieces) = ([], [])
    noteNotFirst()
    if case .head = reading { endHead() }
  }

  private func noteNotFirst() {
    if case .lines = reading { reading = .lines(isFirst: false) }
  }

  /// From where on an unfinished line may be of use: all of it in a head and at the start, else what may begin a request line.
  private func usefulPlace(in rest: Span<UInt8>) -> Int {
    switch reading {
    case .head: return 0
    case .lines(isFirst: true) where RequestHead.isText(rest): return 0
    case .lines:
      var place = rest.count - 1
      while place >= max(0, rest.count - Self.longestLine) {
        let seen = min(4, rest.count - place)
        if rest[place] == 0x47, Self.begins(rest.dropping(place), seen) {
          return RequestHead.isText(rest.dropping(place)) ? place : rest.count
        }
        place -= 1
      }
      return rest.count
    }
  }

  private static func begins(_ bytes: Span<UInt8>, _ count: Int) -> Bool {
    let wanted: InlineArray<4, UInt8> = [0x47, 0x45, 0x54, 0x20]
    for index in 0..<count where bytes[index] != wanted[index] { return false }
    return true
  }

  /// A client waits for its answer. Frames may come early, or without the server's side of the capture.
  private func noteFollowing(_ bytes: Span<UInt8>) {
    guard let found = request, !found.isFollowed else { return }
    request?.isFollowed = true
    request?.isFollowedByOther = !MidstreamDetector.mayBeginFrame(bytes, from: .client)
  }

  // MARK: The server

  /// Looks for the answer to the request; nil if nothing follows from these bytes.
  private func readAnswer(_ bytes: Span<UInt8>, at position: StreamPosition) -> Finding? {
    if request == nil, Self.isStatusLine(bytes, at: 0) {
      statusLine = position
      // The answer may come before the rest of the head was captured.
      endHead()
    }
    guard request != nil else { return nil }
    if answerBytes > 0, Self.isStatusLine(bytes, at: 0) { return answered(at: position) }
    let room = Self.bytesBeforeAnswer + 12 - answer.count
    let before = answer.count
    for index in 0..<max(0, min(room, bytes.count)) { answer.append(bytes[index]) }
    answerBytes &+= bytes.count
    for place in 0...Self.bytesBeforeAnswer where Self.isStatusLine(answer.span, at: place) {
      // Within a packet it may be a part of a document, too.
      if place > 0, request?.isFollowedByOther == true { break }
      return answered(at: position.advanced(by: place - before))
    }
    return answerBytes > Self.answerLimit ? .dismissed : nil
  }

  private func answered(at position: StreamPosition) -> Finding {
    request?.answer = position
    return request.map { .found($0) } ?? .dismissed
  }

  /// `HTTP/1.1 1`
  private static func isStatusLine(_ bytes: Span<UInt8>, at place: Int) -> Bool {
    bytes.has("HTTP/1.", at: place) && bytes.count >= place + 10 && bytes[place + 8] == 0x20
      && (0x31...0x35).contains(bytes[place + 9])
  }
}
