import HTTP1
import WireBytes

/// A part of the handshake that a proxy dropped, added or changed.
public struct HandshakeDifference: Sendable, Equatable {
  /// The name of the field; nil for the version of HTTP.
  public let field: String?
  /// The client's request or the server's response.
  public let side: Side
  /// As the client's leg has it, as it may be shown; nil where it has none.
  public let front: String?
  /// As the server's leg has it.
  public let back: String?

  /// Without it the server cannot take the request for an upgrade.
  public var breaksUpgrade: Bool {
    guard side == .client else { return false }
    switch field {
    case nil: return back == "HTTP/1.0"
    case "Upgrade", "Connection": return true
    case "Sec-WebSocket-Key", "Sec-WebSocket-Version": return back == nil
    default: return false
    }
  }

  /// What the server's leg has instead: `no Upgrade (was "websocket")`, `HTTP/1.0 (was HTTP/1.1)`. Values are a peer's words.
  package var changePhrase: String {
    guard let field else { return "\(back ?? "") (was \(front ?? ""))" }
    let now = back.map { "\(field) \"\($0)\"" } ?? "no \(field)"
    return now + " (" + (front.map { "was \"\($0)\"" } ?? "there was none") + ")"
  }

  /// A field that is compared.
  struct Field: Sendable {
    /// What makes two values the same.
    enum Sameness {
      /// Both list this element, or neither does.
      case listing(StaticString)
      /// All elements in their order, ignoring white space.
      case elements
      /// The whole value.
      case value
    }

    let name: StaticString
    let sameness: Sameness

    init(_ name: StaticString, _ sameness: Sameness) { (self.name, self.sameness) = (name, sameness) }

    func isSame(_ front: HTTPHead, _ back: HTTPHead) -> Bool {
      switch sameness {
      case .listing(let token): front.has(token, in: name) == back.has(token, in: name)
      case .elements:
        front.tokens(of: name).map(Self.normalized) == back.tokens(of: name).map(Self.normalized)
      case .value: front[name] == back[name]
      }
    }

    private static func normalized(_ element: String) -> String {
      element.filter { $0 != " " && $0 != "\t" }
    }
  }

  static let ofRequest = [
    Field("Upgrade", .listing("websocket")), Field("Connection", .listing("upgrade")),
    Field("Sec-WebSocket-Key", .value), Field("Sec-WebSocket-Version", .value),
    Field("Sec-WebSocket-Protocol", .elements), Field("Sec-WebSocket-Extensions", .elements),
    Field("Origin", .value), Field("Host", .value),
  ]
  static let ofResponse = [
    Field("Sec-WebSocket-Protocol", .elements), Field("Sec-WebSocket-Extensions", .elements),
  ]
}
