import SessionAnalysis
import WebSocketDecoding

/// A message in a batch, about which nothing else has to be said.
struct QueuedMessage {
  var message: Message
  var session: SessionReference
  /// Where its payload begins among the copied ones, or `~` its place among the large ones.
  var payload: Int
  var payloadLength: Int
  /// Other events of the batch that come before it.
  var othersBefore: Int
}
