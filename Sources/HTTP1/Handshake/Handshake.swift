import WireBytes

/// One request for an upgrade to WebSocket and what became of it, checked against RFC 6455 §4.
public struct Handshake: Sendable {
  /// What became of the request.
  public enum Outcome: String, Sendable {
    /// Answered with 101, and a client may go on.
    case upgraded
    /// Answered with another status.
    case rejected
    /// Answered with 101, but with something that a client must refuse (RFC 6455 §4.1).
    case invalid
    /// The answer, or its rest, is not in the capture.
    case incomplete
  }

  /// Which WebSocket the client asked for.
  public typealias Dialect = HandshakeDialect

  /// Shared by all copies: a handshake passes through several hands, and stays with its session to the end.
  private final class Content: Sendable {
    let request: HTTPHead?
    let response: HTTPHead?
    let outcome: Outcome
    let dialect: Dialect
    let acceptValid: Bool?
    let anomalies: [Anomaly]
    let expectedDigest: Base64Digest?

    init(
      _ request: HTTPHead?, _ response: HTTPHead?, _ outcome: Outcome, _ dialect: Dialect, acceptValid: Bool?,
      _ anomalies: [Anomaly], expectedDigest: Base64Digest?
    ) {
      (self.request, self.response, self.outcome, self.dialect) = (request, response, outcome, dialect)
      (self.acceptValid, self.anomalies, self.expectedDigest) = (acceptValid, anomalies, expectedDigest)
    }
  }

  private let content: Content

  /// The request; nil when only its answer is in the capture.
  public var request: HTTPHead? { content.request }
  /// The final answer; nil when there is none.
  public var response: HTTPHead? { content.response }
  /// What became of it.
  public var outcome: Outcome { content.outcome }
  /// Which protocol version the request speaks.
  public var dialect: Dialect { content.dialect }
  /// Whether Sec-WebSocket-Accept is what the key demands; nil where the answer is no 101 or the key is not
  /// known.
  public var acceptValid: Bool? { content.acceptValid }
  /// Every rule broken, in the order request, response; syntax of the heads first.
  public var anomalies: [Anomaly] { content.anomalies }

  /// Sec-WebSocket-Key as sent.
  public var key: String? { request?["Sec-WebSocket-Key"] }
  /// Sec-WebSocket-Accept as sent.
  public var accept: String? { response?["Sec-WebSocket-Accept"] }
  /// What Sec-WebSocket-Accept has to be for this key.
  public var expectedAccept: String? { content.expectedDigest.map { $0.text } }
  /// What tells this key from all others; nil where there is none.
  package var keyIdentity: KeyIdentity? { content.expectedDigest.map { KeyIdentity($0) } }
  /// Sec-WebSocket-Version of the request as sent.
  public var version: String? { request?["Sec-WebSocket-Version"] }
  /// Origin of the request, or the drafts' Sec-WebSocket-Origin.
  public var origin: String? { request?["Origin"] ?? request?["Sec-WebSocket-Origin"] }
  /// Subprotocols in the client's order.
  public var subprotocolsOffered: [String] { request?.tokens(of: "Sec-WebSocket-Protocol") ?? [] }
  /// The server's choice; all of them if it wrongly sent several.
  public var subprotocolsSelected: [String] { response?.tokens(of: "Sec-WebSocket-Protocol") ?? [] }
  /// Elements of the client's Sec-WebSocket-Extensions as sent; `ExtensionOffer.parse` reads one.
  public var extensionsOffered: [String] { request?.tokens(of: "Sec-WebSocket-Extensions") ?? [] }
  /// Elements of the server's Sec-WebSocket-Extensions as sent.
  public var extensionsSelected: [String] { response?.tokens(of: "Sec-WebSocket-Extensions") ?? [] }

  /// `ws://host/target`: the place as the client named it. `isSecure` for what came out of TLS. nil when
  /// the request is not in the capture or names no host.
  public func url(isSecure: Bool = false) -> String? {
    guard let request else { return nil }
    let scheme = isSecure ? "wss://" : "ws://"
    let target = request.target
    if target.utf8.first != UInt8(ascii: "/") {
      // The absolute form (RFC 9112 §3.2.2) names its host itself.
      for absolute in ["http://", "https://", "ws://", "wss://"]
      where ASCII.sameIgnoringCase(String(target.prefix(absolute.count)), absolute) {
        return scheme + target.dropFirst(absolute.count)
      }
    }
    guard let host = request["Host"], !host.isEmpty else { return nil }
    return scheme + host + (target.utf8.first == UInt8(ascii: "/") ? "" : "/") + target
  }

  /// Judges a request and its answer. `earlyData` is the first byte that the client sent after its request
  /// and before the answer, and how many such bytes there are.
  package init(
    request: HTTPHead?, response: HTTPHead?, earlyData: (bytes: Int, position: StreamPosition)? = nil
  ) {
    let expectedAccept = request?.expectedAccept
    let dialect = Self.dialect(request, response)

    var found = (request?.anomalies ?? []) + (response?.anomalies ?? [])
    var isRefused = false
    if let request { RequestChecks(request, dialect).run(into: &found) }
    // The challenge of hixie-76 is eight bytes behind the head of the request.
    if let earlyData, dialect != .hixie76 || earlyData.bytes > 8 {
      found.append(
        Anomaly(
          HandshakeRule.dataBeforeResponse, by: .client, at: earlyData.position,
          "\(earlyData.bytes) bytes of the client stand in the capture before the server's answer"))
    }
    if let response {
      var checks = ResponseChecks(response, to: request, dialect, expectedAccept)
      checks.run()
      found += checks.found
      isRefused = checks.isRefused
    } else if let request {
      found.append(
        Anomaly(
          HandshakeRule.unanswered, by: .server, at: request.end, "no response to this request was captured"))
    }
    let outcome: Outcome =
      switch response?.status {
      case nil: .incomplete
      case 101 where response?.isCut == true: .incomplete
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
      request, response, outcome, dialect, acceptValid: acceptValid, found, expectedDigest: expectedAccept)
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
