import Sessions

/// A sink that writes to a file, which may not take everything.
package protocol WritingSink: EventSink {
  /// Why writing ended early, asked after the last event; nil for a closed pipe, whose reader has all it wants.
  var failure: OutputFailure? { get }
}
