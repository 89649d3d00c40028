/// A report that writes to a file which may not take everything.
package protocol WritingReport: AnyObject {
  /// False once the reader has gone or the disk is full: a caller may stop producing.
  var takesMore: Bool { get }
  /// Why writing ended early; nil for a closed pipe, whose reader has all it wants.
  var failure: OutputFailure? { get }
}
