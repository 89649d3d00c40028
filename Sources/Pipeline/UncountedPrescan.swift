import WebSocketDecoding
import WireBytes

/// Asks a prescan, or none, without counting a reference for each packet. Whoever makes one holds the prescan as long as it is in
/// use.
@safe struct UncountedPrescan {
  private let prescan: Unmanaged<SegmentPrescan>?

  @unsafe init(_ prescan: SegmentPrescan?) {
    unsafe self.prescan = prescan.map { unsafe Unmanaged.passUnretained($0) }
  }

  /// Whether a payload is known to consist of plain messages (`SegmentPrescan`); false where nobody asks.
  @inline(__always)
  func areAll(of payload: Span<UInt8>) -> Bool {
    guard let prescan = unsafe prescan else { return false }
    return unsafe prescan._withUnsafeGuaranteedRef { $0.areAll(of: payload) }
  }
}
