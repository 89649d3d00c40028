import SessionAnalysis

extension HeartbeatKind {
  /// What one of them is called in a sentence.
  var noun: String {
    switch self {
    case .ping: "ping"
    case .pong: "unsolicited pong"
    case .text: "heartbeat"
    case .engineIO, .sockJS, .stomp, .signalR, .phoenix, .graphQL, .mqtt: "\(label) heartbeat"
    }
  }

  /// What they are called where it is said that they are heartbeats: the protocol that has them, or what is sent.
  var label: String {
    switch self {
    case .ping: "ping"
    case .pong: "unsolicited pong"
    case .text: "text message"
    case .engineIO: "Engine.IO"
    case .sockJS: "SockJS"
    case .stomp: "STOMP"
    case .signalR: "SignalR"
    case .phoenix: "Phoenix"
    case .graphQL: "graphql-ws"
    case .mqtt: "MQTT"
    }
  }

  /// The article of `noun`.
  var article: String {
    switch self {
    case .pong, .engineIO, .mqtt: "an"
    case .ping, .text, .sockJS, .stomp, .signalR, .phoenix, .graphQL: "a"
    }
  }
}
