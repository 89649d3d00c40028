import WireBytes

/// A head inside the bytes that brought it: enough to decide what follows, without a copy.
///
/// Most heads in a capture have nothing to do with WebSocket; `HTTPHead(_:)` copies those that do.
package struct BorrowedHead: ~Escapable {
  /// Who sent it: the client sends requests, the server responses.
  package let side: Side
  /// Everything from the first byte of the start line to the empty line.
  package let bytes: Span<UInt8>
  /// The position of the first byte.
  package let start: StreamPosition
  /// The position of the last byte.
  package let end: StreamPosition
  /// What is wrong with its syntax.
  package private(set) var anomalies: [Anomaly] = []
  /// The status code; 0 for a request.
  package var status: Int { line.status }
  /// Whether an Upgrade field lists `websocket`, or the head has a field that only the WebSocket handshake has.
  package private(set) var concernsWebSocket = false
  /// Whether there is an Upgrade field.
  package private(set) var hasUpgrade = false
  /// Whether its rest is not in the capture.
  package let isCut: Bool

  let line: StartLine
  private(set) var fields: [FieldLine] = []
  private var length = ContentLength.absent
  private var hasCoding = false
  private var lastCodingIsChunked = false

  /// The request target as sent.
  var target: String { bytes.text(line.target) }

  /// Whether the method is `name`: letter case counts (RFC 9110 §9.1).
  package func isMethod(_ name: StaticString) -> Bool {
    bytes.part(line.method, is: name, ignoringCase: false)
  }

  /// Reads a complete head; nil if its first line is not a start line. `hadBareCRs`: its lines ended with CR alone, and now with
  /// LF.
  @_lifetime(copy bytes)
  init?(
    _ bytes: Span<UInt8>, from side: Side, start: StreamPosition, end: StreamPosition,
    hadBareCRs: Bool = false
  ) {
    guard let lf = bytes.first(ASCII.lf, in: 0..<bytes.count),
      let line = StartLine(bytes, upTo: lf, from: side)
    else { return nil }
    (self.side, self.bytes, self.start, self.end) = (side, bytes, start, end)
    (self.line, isCut) = (line, false)
    read(from: lf, isBare: lf == 0 || bytes[lf - 1] != ASCII.cr, hadBareCRs: hadBareCRs)
  }

  /// Whether there is a field called `name`, which is in lower case.
  func has(_ name: StaticString) -> Bool {
    for field in fields where bytes.part(field.name, is: name) { return true }
    return false
  }

  /// Reads the start of a head; nil if not even its first line is of use. Only fields whose line is complete count. `isTooLong`:
  /// the rest may be in the capture, but is not read.
  @_lifetime(copy bytes)
  init?(
    cut bytes: Span<UInt8>, from side: Side, start: StreamPosition, end: StreamPosition,
    isTooLong: Bool = false
  ) {
    let lf = bytes.first(ASCII.lf, in: 0..<bytes.count)
    let whole = StartLine(bytes, upTo: lf ?? bytes.count, from: side)
    guard let line = whole ?? (side == .client && lf == nil ? StartLine(cutRequest: bytes) : nil) else {
      return nil
    }
    (self.side, self.bytes, self.start, self.end) = (side, bytes, start, end)
    (self.line, isCut) = (line, true)
    if let lf { read(from: lf, isBare: lf == 0 || bytes[lf - 1] != ASCII.cr) }
    if isTooLong {
      report(HTTPRule.headTooLarge, "only the first \(bytes.count) bytes of the head are read")
    } else {
      report(
        HTTPRule.headUnfinished, "only the first \(bytes.count) bytes of the head are in the capture")
    }
  }

  /// Reads the fields after the first line, which ends at `lf`.
  private mutating func read(from lf: Int, isBare: Bool, hadBareCRs: Bool = false) {
    fields.reserveCapacity(16)

    var (isBare, isFolded, firstMalformed) = (isBare, false, nil as FieldLine?)
    var cursor = FieldCursor(offset: lf + 1)
    while let field = cursor.next(in: bytes) {
      fields.append(field)
      isBare = isBare || field.hasBareLineFeed
      isFolded = isFolded || field.isFolded
      if field.isMalformed, firstMalformed == nil { firstMalformed = field }
      note(field)
    }
    if hadBareCRs {
      report(HTTPRule.bareCarriageReturn, "the lines of the head end with CR alone")
    } else if isBare {
      report(HTTPRule.bareLineFeed, "a line of the head ends with LF alone")
    }
    if isFolded { report(HTTPRule.foldedField, "a field of the head is folded over several lines") }
    if let field = firstMalformed {
      let seen = field.name.isEmpty ? field.value : field.name.lowerBound..<field.value.upperBound
      report(HTTPRule.fieldSyntax, "the head has the line \(quoted(bytes.text(seen)))")
    }
  }

  private mutating func report(_ rule: Rule, _ detail: String) {
    anomalies.append(Anomaly(rule, by: side, at: start, detail))
  }

  /// Notes the fields that determine the body and the upgrade.
  private mutating func note(_ field: FieldLine) {
    switch field.name.count {
    case 7 where bytes.part(field.name, is: "upgrade"):
      hasUpgrade = true
      var elements = ElementCursor(rest: field.value)
      while let element = elements.next(in: bytes) {
        if bytes.part(element, is: "websocket") { concernsWebSocket = true }
      }
    case 14 where bytes.part(field.name, is: "content-length"):
      length.note(bytes, field.value)
    case 17 where bytes.part(field.name, is: "transfer-encoding"):
      hasCoding = true
      var elements = ElementCursor(rest: field.value)
      while let element = elements.next(in: bytes) {
        lastCodingIsChunked = bytes.part(element, is: "chunked")
      }
    case 17 where bytes.part(field.name, is: "sec-websocket-key"),
      18 where bytes.part(field.name, is: "sec-websocket-key1"),
      20 where side == .server && bytes.part(field.name, is: "sec-websocket-accept"),
      21 where bytes.part(field.name, is: "sec-websocket-version"):
      concernsWebSocket = true
    default: break
    }
  }

  /// How the end of the body is determined according to the head's own fields, RFC 9112 §6.3. What depends on the request
  /// (HEAD, CONNECT) is up to the sink.
  mutating func framing() -> Framing {
    // Item 1: 1xx, 204 and 304 have no body.
    if side == .server, status < 200 || status == 204 || status == 304 { return .none }
    if hasCoding {
      // Item 3: the coding overrides the length.
      if case .absent = length {
      } else {
        report(HTTPRule.lengthAndCoding, "the head has Transfer-Encoding and Content-Length")
      }
      if lastCodingIsChunked { return .chunked }
      // Item 4.
      return side == .server
        ? .untilClose
        : broken(HTTPRule.transferCoding, "the last transfer coding of a request is not chunked")
    }
    switch length {
    case .absent: return side == .server ? .untilClose : .none
    case .valid(let count): return count == 0 ? .none : .length(count)
    case .invalid(let range):
      return broken(HTTPRule.contentLength, "Content-Length is \(quoted(bytes.text(range)))")
    case .conflicting(let first, let second):
      return broken(HTTPRule.conflictingLengths, "Content-Length is both \(first) and \(second)")
    }
  }

  private func broken(_ rule: Rule, _ detail: String) -> Framing {
    .broken(Anomaly(rule, by: side, at: start, detail))
  }
}
