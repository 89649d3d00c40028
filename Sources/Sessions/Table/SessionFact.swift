import SessionAnalysis
import WireBytes

/// Something that a side did whose meaning depends on what its peer had done before.
enum SessionFact {
  case ping(PingPairing.Ping)
  case pong(payload: [UInt8], at: StreamPosition)
  /// A question of an application that wants an answer.
  case question(HeartbeatKind, at: CaptureTime)
  case answer(HeartbeatKind, at: CaptureTime)
  /// The first Close frame.
  case close
  case fin

  /// Bytes of memory beside the value itself.
  var payloadBytes: Int {
    switch self {
    case .ping(let ping): ping.payload.count
    case .pong(let payload, _): payload.count
    case .question, .answer, .close, .fin: 0
    }
  }
}
