import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// A format of output: what it needs of the events, and how it writes each.
///
/// A new format is a file with a type that conforms to this, and a choice in the tool's arguments. Everything a peer sent goes
/// through `TerminalText` or the JSON escapes. `Printer` makes a sink of it.
package protocol OutputFormat: ~Copyable {
  /// What of the events it writes.
  var needs: EventNeeds { get }
  /// Where it writes.
  var out: OutputBuffer { get set }
  /// Writes a message.
  mutating func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>)
  /// Writes a Ping, Pong or Close.
  mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>)
  /// Writes a frame.
  mutating func write(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>)
  /// Writes any other event.
  mutating func write(_ event: Event)
}
