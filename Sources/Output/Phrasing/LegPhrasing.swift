import SessionTimeline
import WireBytes

extension LegDifference {
  /// `only #1 has message 3 from the client: packet 20, 14 bytes`
  func phrase(front frontSession: UInt64, back backSession: UInt64) -> String {
    switch (front, back) {
    case (let front?, let back?):
      "message \(front.number) from the \(side.name) differs: packet \(front.packet) of #\(frontSession) "
        + "(\(front.bytes) bytes), packet \(back.packet) of #\(backSession) (\(back.bytes) bytes)"
    case (let only?, nil): phrase(only, in: frontSession)
    case (nil, let only?): phrase(only, in: backSession)
    case (nil, nil): ""
    }
  }

  private func phrase(_ message: LegMessage, in session: UInt64) -> String {
    "only #\(session) has message \(message.number) from the \(side.name): packet \(message.packet), "
      + "\(message.bytes) bytes"
  }
}
