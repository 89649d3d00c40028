import WireBytes

/// A request for an upgrade to WebSocket and its outcome, checked against RFC 6455 §4.
public struct Handshake: Sendable {
  /// The outcome of the request.
  public enum Outcome: String, Sendable {
    /// The server answered with 101, and nothing that was captured of that keeps the client from going on.
    case upgraded
    /// The server answered with another status.
    case rejected
    /// The server answered with 101, but the client must fail the connection (RFC 6455 §4.1).
    case invalid
    /// The answer is not in the capture.
    case incomplete
  }

  /// Which WebSocket the client asked for.
  public typealias Dialect = HandshakeDialect

  /// Shared by all copies: a handshake is passed on several times, and stays with its session to the end.
  private final class Content: Sendable {
    let request: HTTPHead?
    let response: HTTPHead?
    let outcome: Outcome
    let dialect: Dialect
    let acceptValid: Bool?
    let findings: HandshakeFindings
    let expectedDigest: Base64Digest?
    let isRequestUnread: Bool

    init(
      _ request: HTTPHead?, _ response: HTTPHead?, _ outcome: Outcome, _ dialect: Dialect, acceptValid: Bool?,
      _ findings: HandshakeFindings, expectedDigest: Base64Digest?, isRequestUnread: Bool
    ) {
      self.isRequestUnread = isRequestUnread
      (self.request, self.response, self.outcome, self.dialect) = (request, response, outcome, dialect)
      (self.acceptValid, self.findings, self.expectedDigest) = (acceptValid, findings, expectedDigest)
    }
  }

  private let content: Content

  /// The request; nil if only its answer is in the capture.
  public var request: HTTPHead? { content.request }
  /// Whether there is no request because it was not read, though the client's bytes were captured.
  package var isRequestUnread: Bool { content.isRequestUnread }
  /// The final answer; nil if none was captured.
  public var response: HTTPHead? { content.response }
  /// The outcome.
  public var outcome: Outcome { content.outcome }
  /// The version of the protocol that the request asks for.
  public var dialect: Dialect { content.dialect }
  /// Whether Sec-WebSocket-Accept matches the key; nil if the answer is not a 101 or the key is not known.
  public var acceptValid: Bool? { content.acceptValid }
  /// Every broken rule: first the syntax of the two heads, then the request, then the response. Of a rule that a side broke
  /// more than 64 times, the first 64.
  public var anomalies: [Anomaly] { content.findings.reported }
  /// The rules that a side broke more often than `anomalies` lists, with how often in all.
  public var suppressed: [(rule: Rule, side: Side, count: Int)] { content.findings.suppressed }

  /// Sec-WebSocket-Key as sent.
  public var key: String? { request?["Sec-WebSocket-Key"] }
  /// Sec-WebSocket-Accept as sent.
  public var accept: String? { response?["Sec-WebSocket-Accept"] }
  /// The Sec-WebSocket-Accept that this key demands.
  public var expectedAccept: String? { content.expectedDigest.map { $0.text } }
  /// What identifies this key; nil without a key.
  package var keyIdentity: KeyIdentity? { content.expectedDigest.map { KeyIdentity($0) } }
  /// Sec-WebSocket-Version of the request as sent.
  public var version: String? { request?["Sec-WebSocket-Version"] }
  /// Origin of the request, or the drafts' Sec-WebSocket-Origin.
  public var origin: String? { request?["Origin"] ?? request?["Sec-WebSocket-Origin"] }
  /// Subprotocols that the client offers, in its order.
  public var subprotocolsOffered: [String] { request?.tokens(of: "Sec-WebSocket-Protocol") ?? [] }
  /// The subprotocol that the server selects; all of them if it wrongly selects several.
  public var subprotocolsSelected: [String] { response?.tokens(of: "Sec-WebSocket-Protocol") ?? [] }
  /// Elements of the client's Sec-WebSocket-Extensions as sent; `ExtensionOffer.parse` reads one.
  public var extensionsOffered: [String] { request?.tokens(of: "Sec-WebSocket-Extensions") ?? [] }
  /// Elements of the server's Sec-WebSocket-Extensions as sent.
  public var extensionsSelected: [String] { response?.tokens(of: "Sec-WebSocket-Extensions") ?? [] }

  /// `ws://host/target`, or `wss://` if the connection `isSecure`; nil if the request is not in the capture or names no
  /// host.
  public func url(isSecure: Bool = false) -> String? {
    guard let request else { return nil }
    let scheme = isSecure ? "wss://" : "ws://"
    let target = request.target
    if target.utf8.first != UInt8(ascii: "/") {
      // The absolute form (RFC 9112 §3.2.2) contains the host.
      for absolute in ["http://", "https://", "ws://", "wss://"]
      where ASCII.sameIgnoringCase(String(target.prefix(absolute.count)), absolute) {
        return scheme + target.dropFirst(absolute.count)
      }
    }
    guard let host = request["Host"], !host.isEmpty else { return nil }
    return scheme + host + (target.utf8.first == UInt8(ascii: "/") ? "" : "/") + target
  }

  /// Checks a request and its answer. `earlyData` is the number of bytes that the client sent between its request and the
  /// answer, and the position of the first one. `isRequestUnread`: there is no request because it was not read, though the
  /// client's bytes were captured. `bytesOfResponse`: so many bytes were captured of a response that says nothing yet.
  package init(
    request: HTTPHead?, response: HTTPHead?, earlyData: (bytes: Int, position: StreamPosition)? = nil,
    isRequestUnread: Bool = false, bytesOfResponse: Int = 0
  ) {
    let expectedAccept = request?.expectedAccept
    let dialect = Self.dialect(request, response)

    var found = HandshakeFindings()
    found.add(request?.anomalies ?? [])
    found.add(response?.anomalies ?? [])
    var isRefused = false
    if let request { RequestChecks(request, dialect).run(into: &found) }
    // In hixie-76, eight bytes after the head of the request are the challenge.
    if let earlyData, dialect != .hixie76 || earlyData.bytes > 8 {
      found.add(HandshakeRule.dataBeforeResponse, by: .client, at: earlyData.position) {
        "\(Counted.text(earlyData.bytes, "byte")) of the client \(earlyData.bytes == 1 ? "precedes" : "precede") "
          + "the server's answer in the capture"
      }
    }
    if let response {
      var checks = ResponseChecks(
        response, to: request, dialect, expectedAccept, isRequestUnread: isRequestUnread, found: found)
      checks.run()
      found = checks.found
      isRefused = checks.isRefused
    } else if let request {
      found.add(HandshakeRule.unanswered, by: .server, at: request.end) {
        bytesOfResponse == 0
          ? "no response to this request was captured"
          : "only the first \(bytesOfResponse == 1 ? "byte" : "\(bytesOfResponse) bytes") of the response to this "
            + "request \(bytesOfResponse == 1 ? "was" : "were") captured"
      }
    }
    let outcome: Outcome =
      switch response?.status {
      case nil: .incomplete
      case 101: isRefused ? .invalid : .upgraded
      default: .rejected
      }
    var acceptValid: Bool?
    if let response, response.status == 101, let expectedAccept,
      !response.isCut || response.has("Sec-WebSocket-Accept")
    {
      acceptValid = response.acceptIs(expectedAccept)
    }
    content = Content(
      request, response, outcome, dialect, acceptValid: acceptValid, found, expectedDigest: expectedAccept,
      isRequestUnread: isRequestUnread)
  }

  private static func dialect(_ request: HTTPHead?, _ response: HTTPHead?) -> Dialect {
    guard let request else { return .rfc6455 }
    if request.has("Sec-WebSocket-Key1") || request.has("Sec-WebSocket-Key2") { return .hixie76 }
    if request.isVersion13 { return .rfc6455 }
    if let version = request["Sec-WebSocket-Version"].flatMap({ Int($0) }) {
      // The registry of RFC 6455 §11.6: 0 to 8 are drafts, 9 to 12 were reserved for drafts.
      return (0...12).contains(version) ? .hybi(version: version) : .rfc6455
    }
    // draft-hixie-thewebsocketprotocol-75 §5: WebSocket-Protocol in the request, WebSocket-Origin and
    // WebSocket-Location in the answer.
    let isOld =
      request.has("WebSocket-Protocol") || response?.has("WebSocket-Origin") ?? false
      || response?.has("WebSocket-Location") ?? false
    return isOld && !request.has("Sec-WebSocket-Key") ? .hixie75 : .rfc6455
  }
}
