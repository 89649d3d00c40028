import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// Takes the events of all sessions in the order of the capture. Payloads are borrowed for the call.
///
/// The anomalies of a message or control frame come before it.
public protocol EventSink: AnyObject {
  /// What it reads; the analysis is built from it, so it must not change.
  var needs: EventNeeds { get }
  /// Whether it wants more. Asked between packets, not after every event: an answer to each call would have to travel up
  /// through the decoders and the reassembly, and nothing is lost by a few events too many.
  var demand: Demand { get }
  /// A whole text or binary message, or what is known of it.
  func message(_ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>)
  /// The same for a message whose payload has memory of its own: a sink that wants to keep it may take the buffer, and
  /// leave another one in its place.
  func message(
    _ message: borrowing Message, _ context: MessageContext, buffer payload: inout PayloadBuffer)
  /// A Ping, Pong or Close frame.
  func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>)
  /// A frame; only with `EventNeeds.frames`.
  func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>)
  /// Anything else.
  func event(_ event: Event)
}

extension EventSink {
  /// Most sinks read a payload and keep nothing of it.
  public func message(
    _ message: borrowing Message, _ context: MessageContext, buffer payload: inout PayloadBuffer
  ) {
    self.message(message, context, payload: payload.bytes)
  }
}
