import WireBytes

/// A Close frame, with what was known when it came.
package struct CloseFrame: Sendable {
  /// Its first byte.
  package var position: StreamPosition
  /// The offset after its last byte.
  var end: UInt64
  /// nil when it has none, or when it is not in the capture.
  var code: UInt16?
  /// It has a status code that is not in the capture.
  var isCodeLost = false
  /// As far as it is in the capture.
  var reason: String
  /// The same as it may be shown.
  var shownReason: String
  /// Up to which offset its sender had acknowledged the other side's stream by then; nil when it is not known.
  var received: UInt64?
  /// The last packet with bytes of the other side before it; nil when unknown, and when the other side had sent nothing.
  var afterPacket: UInt64?

  /// A Close frame from its parts.
  package init(
    position: StreamPosition, end: UInt64, code: UInt16?, reason: String, shownReason: String? = nil,
    received: UInt64? = nil, afterPacket: UInt64? = nil, isCodeLost: Bool = false
  ) {
    self.shownReason = shownReason ?? reason
    (self.position, self.end, self.code, self.reason) = (position, end, code, reason)
    (self.received, self.afterPacket, self.isCodeLost) = (received, afterPacket, isCodeLost)
  }
}
