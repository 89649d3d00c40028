import WireBytes

/// A Close frame, as far as a verdict needs it.
public struct SentClose: Sendable, Hashable {
  /// Who sent it.
  public let side: Side
  /// Its status code; nil when it has none, or when it is not in the capture.
  public let code: UInt16?
  /// It has a status code that is not in the capture.
  public let isCodeLost: Bool

  init(_ side: Side, _ close: CloseFrame) {
    (self.side, code, isCodeLost) = (side, close.code, close.isCodeLost)
  }

  /// A Close frame from its parts.
  package init(side: Side, code: UInt16?, isCodeLost: Bool = false) {
    (self.side, self.code, self.isCodeLost) = (side, code, isCodeLost)
  }
}
