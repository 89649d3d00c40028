import WireBytes

/// How inflating a compressed message ended, and the rules that its bytes broke (RFC 7692).
struct InflationResult {
  /// Why it could not be inflated, if so.
  let failure: String?
  /// No byte of the message is missing.
  let isComplete: Bool
  /// The largest distance that refers beyond the agreed window; 0 if none does.
  let farthestDistance: Int
  /// It inflates to more than `DecodingOptions.inflatedBytes`.
  let isBeyondLimit: Bool
  /// The compressed bytes did not end as RFC 7692 §7.2.1 requires.
  let hasWrongTail: Bool

  /// Calls `report` for each rule that is broken, with what it shows. `hadLostContext`: the window lacked earlier messages.
  func check(
    _ compression: SideCompression, hadLostContext: Bool, limit: UInt64,
    _ report: (FramingRule, @autoclosure () -> String) -> Void
  ) {
    let agreed = 1 << Int(compression.windowBits)
    if farthestDistance > agreed {
      report(
        .windowExceeded,
        "refers \(farthestDistance) bytes back; max_window_bits=\(compression.windowBits) was agreed on, which is \(agreed)"
      )
    }
    if let failure, isComplete, !isBeyondLimit {
      let isTooFar = failure == Inflater.refersTooFarBack || failure == Inflater.refersToUnknown
      let breaksAgreement = isTooFar && compression.forgetsContext
      report(
        isTooFar && hadLostContext ? .contextLost : .inflationFailed,
        failure + (breaksAgreement ? ": before its start, though no context takeover was agreed on" : ""))
    }
    if failure == nil && hasWrongTail {
      report(.deflateTail, "the compressed bytes do not end within an empty block")
    }
    if isBeyondLimit { report(.inflationTooLarge, "more than \(limit) bytes, which is the limit") }
  }
}
