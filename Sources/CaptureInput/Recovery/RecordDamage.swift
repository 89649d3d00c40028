/// Where and why the records of a capture cannot be read further.
struct RecordDamage: Error {
  /// The start of the record, in bytes from the start of the capture.
  let offset: UInt64
  let what: String
  /// Whether the capture ends too early, rather than says something impossible.
  var isCut = false
  /// Whether the source gives no more bytes: nothing can stand behind it.
  var isLast = false
  /// How long the block is of which only the contents are wrong; 0 when it is not known where the next one begins.
  var blockBytes = 0
}
