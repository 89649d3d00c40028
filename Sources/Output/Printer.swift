import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// Writes events in a format as they come.
package final class Printer<Format: OutputFormat & ~Copyable>: WritingSink {
  // Sinks are not called from within themselves: no event needs a check at run time.
  @exclusivity(unchecked) private var uncheckedFormat: Format
  private var format: Format {
    @inline(__always) _read { yield unsafe uncheckedFormat }
    @inline(__always) _modify { yield unsafe &uncheckedFormat }
  }
  package let needs: EventNeeds
  private let flushesEvents: Bool
  /// A change of the input that no event has followed yet. Inputs that overlap take turns with every packet: only the last
  /// change before an event is of interest.
  private var change: InputChange?

  /// `flushesEvents`: somebody watches, so each event leaves at once.
  package init(_ format: consuming Format, flushesEvents: Bool = false) {
    needs = format.needs
    self.flushesEvents = flushesEvents
    unsafe uncheckedFormat = format
  }

  package var demand: Demand { format.out.takesMore ? .more : .enough }
  package var failure: OutputFailure? { format.out.failure }

  package func message(_ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>) {
    if change != nil { writeChange() }
    format.write(message, context, payload: payload)
    if flushesEvents { format.out.flush() }
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    if change != nil { writeChange() }
    format.write(event, in: session, payload: payload)
    if flushesEvents { format.out.flush() }
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    if change != nil { writeChange() }
    format.write(frame, in: session, payload: payload)
    if flushesEvents { format.out.flush() }
  }

  package func event(_ event: Event) {
    switch event {
    case .inputChanged(let next):
      change = next
      return
    case .ended:
      format.write(event)
      format.out.flush()
      return
    default: break
    }
    if change != nil { writeChange() }
    format.write(event)
    if flushesEvents { format.out.flush() }
  }

  @inline(never)
  private func writeChange() {
    guard let event = change else { return }
    change = nil
    format.write(.inputChanged(event))
  }
}
