import WireBytes

/// How a heartbeat is spoken.
public enum HeartbeatKind: UInt8, Sendable, CaseIterable {
  /// Ping and Pong frames (RFC 6455 §5.5.2).
  case ping
  /// A text such as `ping` and `pong`, or a short JSON object with one of them.
  case text
  /// Engine.IO packets 2 and 3, which Socket.IO stands on.
  case engineIO
  /// The frame `h` of SockJS, from the server.
  case sockJS
  /// The end of line of STOMP, either way.
  case stomp
  /// SignalR messages of type 6, either way.
  case signalR
  /// Phoenix channels: the event `heartbeat` and its reply.
  case phoenix
  /// `{"type":"ka"}` of the older graphql-ws, from the server.
  case graphQL

  /// The name in JSON.
  public var name: String {
    switch self {
    case .ping: "ping"
    case .text: "text"
    case .engineIO: "engine_io"
    case .sockJS: "sockjs"
    case .stomp: "stomp"
    case .signalR: "signalr"
    case .phoenix: "phoenix"
    case .graphQL: "graphql_ws"
    }
  }
}

/// A message that is a heartbeat of an application.
struct HeartbeatText: Equatable {
  let kind: HeartbeatKind
  let role: Role

  enum Role { case question, answer, oneWay }

  /// Longer ones are not looked at.
  static let longest = 128

  /// Recognises a text message by its payload. Nearly all messages fail at their first bytes.
  @inline(__always)
  init?(_ payload: Span<UInt8>) {
    guard payload.count > 0 else { return nil }
    switch payload[0] {
    case UInt8(ascii: "{"):
      guard payload.count <= Self.longestObject || payload.begins(with: "{\"topic\":\"phoenix\"") else {
        return nil
      }
    case UInt8(ascii: "["):
      guard payload.count > 1, payload[1] == UInt8(ascii: "n") else { return nil }
    case UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "h"), 0x0A, 0x0D, UInt8(ascii: "P"),
      UInt8(ascii: "p"), UInt8(ascii: "\""):
      break
    default:
      return nil
    }
    self.init(likely: payload)
  }

  private static let longestObject = 40

  @inline(never)
  private init?(likely payload: Span<UInt8>) {
    switch payload[0] {
    case UInt8(ascii: "2") where payload.isText("2") || payload.isText("2probe"):
      self.init(.engineIO, .question)
    case UInt8(ascii: "3") where payload.isText("3") || payload.isText("3probe"):
      self.init(.engineIO, .answer)
    case UInt8(ascii: "h") where payload.count == 1: self.init(.sockJS, .oneWay)
    case 0x0A where payload.count == 1: self.init(.stomp, .oneWay)
    case 0x0D where payload.count == 2 && payload[1] == 0x0A: self.init(.stomp, .oneWay)
    case UInt8(ascii: "{"): self.init(object: payload)
    case UInt8(ascii: "["): self.init(array: payload)
    case UInt8(ascii: "p"), UInt8(ascii: "P"), UInt8(ascii: "\""): self.init(word: payload)
    default: return nil
    }
  }

  private init(_ kind: HeartbeatKind, _ role: Role) { (self.kind, self.role) = (kind, role) }

  /// `ping`, `PING`, `"pong"`, and the `PING :server` of IRC.
  private init?(word payload: Span<UInt8>) {
    let start = payload[0] == UInt8(ascii: "\"") ? 1 : 0
    let word = payload.dropping(start)
    let isQuestion = word.begins(with: "ping") || word.begins(with: "PING")
    guard isQuestion || word.begins(with: "pong") || word.begins(with: "PONG") else { return nil }
    let rest = word.dropping(4)
    let isWhole = start == 1 ? rest.isText("\"") : rest.count == 0 || rest.begins(with: " :")
    guard isWhole else { return nil }
    self.init(.text, isQuestion ? .question : .answer)
  }

  private init?(object payload: Span<UInt8>) {
    if payload.begins(with: "{\"type\":6}") {
      guard payload.count == 11, payload[10] == 0x1E else { return nil }
      self.init(.signalR, .oneWay)
    } else if payload.isText("{\"type\":\"ka\"}") {
      self.init(.graphQL, .oneWay)
    } else if payload.begins(with: "{\"topic\":\"phoenix\"") {
      if payload.contains("\"event\":\"heartbeat\"") {
        self.init(.phoenix, .question)
      } else if payload.contains("\"event\":\"phx_reply\"") {
        self.init(.phoenix, .answer)
      } else {
        return nil
      }
    } else if payload.count <= Self.longestObject,
      payload.contains(":\"ping\"") || payload.contains("{\"ping\"")
    {
      self.init(.text, .question)
    } else if payload.count <= Self.longestObject,
      payload.contains(":\"pong\"") || payload.contains("{\"pong\"")
    {
      self.init(.text, .answer)
    } else {
      return nil
    }
  }

  /// `[null,"7","phoenix","heartbeat",{}]`
  private init?(array payload: Span<UInt8>) {
    guard payload.begins(with: "[null,"), payload.contains(",\"phoenix\",") else { return nil }
    if payload.contains("\"heartbeat\"") {
      self.init(.phoenix, .question)
    } else if payload.contains("\"phx_reply\"") {
      self.init(.phoenix, .answer)
    } else {
      return nil
    }
  }
}

extension Span where Element == UInt8 {
  fileprivate func isText(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && begins(with: text)
  }
}
