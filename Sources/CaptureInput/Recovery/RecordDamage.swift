/// Where and why the records of a capture cannot be read further.
struct RecordDamage: Error {
  /// The start of the record, in bytes from the start of the capture.
  let offset: UInt64
  let what: String
  /// Whether the capture ends too early, as opposed to containing something impossible.
  var isCut = false
  /// Whether the source gives no more bytes, so that nothing can follow.
  var isLast = false
  /// The length of the block when only its contents are wrong; 0 when it is not known where the next one begins.
  var blockBytes = 0
}
