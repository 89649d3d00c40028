/// What a user asked to see of events. Each format makes its needs of it.
package struct DisplayOptions {
  /// Every frame, too.
  package var frames = false
  /// Payload bytes that are shown at most; nil for what suits the format.
  package var payloadBytes: Int?
  /// What TCP did to each message.
  package var transport = false

  /// The defaults.
  package init() {}
}
