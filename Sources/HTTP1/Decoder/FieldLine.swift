import WireBytes

/// One field of a head, as ranges of its bytes.
struct FieldLine: Sendable {
  var name: Range<Int>
  var value: Range<Int>
  /// Whether the value continues on further lines (obs-fold, RFC 9112 §5.2).
  var isFolded = false
  var hasBareLineFeed = false
  /// Whether there is no colon, no name, or white space around the name (RFC 9112 §5.1).
  var isMalformed = false
}
