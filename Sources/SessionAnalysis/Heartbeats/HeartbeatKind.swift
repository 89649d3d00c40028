import WireBytes

/// How a heartbeat is spoken.
public enum HeartbeatKind: UInt8, Sendable, CaseIterable {
  /// Ping and Pong frames (RFC 6455 §5.5.2).
  case ping
  /// Pong frames that no ping asked for, as a heartbeat in one direction (RFC 6455 §5.5.3).
  case pong
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
  /// PINGREQ and PINGRESP of MQTT.
  case mqtt

  /// Control frames, not messages.
  var isFrame: Bool { self == .ping || self == .pong }

  /// The name in JSON.
  public var name: String {
    switch self {
    case .ping: "ping"
    case .pong: "pong"
    case .text: "text"
    case .engineIO: "engine_io"
    case .sockJS: "sockjs"
    case .stomp: "stomp"
    case .signalR: "signalr"
    case .phoenix: "phoenix"
    case .graphQL: "graphql_ws"
    case .mqtt: "mqtt"
    }
  }
}
