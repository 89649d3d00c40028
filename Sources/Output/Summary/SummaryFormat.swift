import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// `-q`: everything is decoded, only the totals are shown.
package struct SummaryFormat: OutputFormat, ~Copyable {
  package var out: OutputBuffer
  private var totals = Totals()

  /// A format that writes to `out`.
  package init(_ out: consuming OutputBuffer) { self.out = out }

  package var needs: EventNeeds { .totals }

  package mutating func write(_ event: Event) {
    switch event {
    case .anomaly(let anomaly, _): totals.add(anomaly)
    case .closed(let event): totals.add(event)
    case .ended(let summary): totals.write(to: &out, summary)
    case .opened, .gap, .retransmission, .inputChanged: break
    }
  }

  package mutating func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {}
  package mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {}
  package mutating func write(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {}
}
