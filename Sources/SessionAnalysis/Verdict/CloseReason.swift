import WebSocketDecoding
import WireBytes

/// What a Close frame gives as its reason, where that says more than its code.
struct CloseReason {
  /// A peer's words.
  let text: String
  /// It is about time that passed, or about heartbeats: then what the packets show belongs to it.
  let isOfTime: Bool

  /// Nil without a reason, and for one that only has the words of the code.
  init?(_ text: String, code: UInt16) {
    let words = text.lowercased().split { !$0.isLetter }
    guard !text.isEmpty, words.joined(separator: "_") != CloseCode.name(code) else { return nil }
    self.text = text
    isOfTime = words.contains {
      Self.ofTime.contains($0) || $0.contains("timeout") || $0.contains("heartbeat")
        || $0.contains("keepalive")
    }
  }

  private static let ofTime: Set<Substring> = [
    "timed", "idle", "inactive", "inactivity", "ping", "pings", "pong", "pongs", "alive", "age", "lifetime",
    "duration",
  ]
}
