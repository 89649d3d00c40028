import SessionAnalysis

extension HeartbeatKind {
  /// What one of them is called in a sentence.
  var noun: String {
    switch self {
    case .ping: "ping"
    case .pong: "unsolicited pong"
    case .text: "heartbeat"
    case .engineIO: "Engine.IO heartbeat"
    case .sockJS: "SockJS heartbeat"
    case .stomp: "STOMP heartbeat"
    case .signalR: "SignalR heartbeat"
    case .phoenix: "Phoenix heartbeat"
    case .graphQL: "graphql-ws heartbeat"
    case .mqtt: "MQTT heartbeat"
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
