import SessionAnalysis
import Sessions
import WebSocketDecoding

/// Any other event in a batch; its range is the place of its payload in the batch.
enum QueuedEvent {
  /// A message with more to say about it.
  indirect case message(Message, MessageContext, Range<Int>)
  case control(ControlEvent, SessionReference, Range<Int>)
  case frame(Frame, SessionReference, Range<Int>)
  case other(Event)
}
