import SessionAnalysis
import WireBytes

/// What happens in a capture, other than messages, control frames and frames, whose payloads are borrowed.
///
/// Indirect: the largest have hundreds of bytes and many references, and are handed on several times.
public indirect enum Event: Sendable {
  /// A session begins; what was found in its handshake follows.
  case opened(SessionOpen)
  /// Bytes that the capture does not hold.
  case gap(Gap, in: SessionReference)
  /// A rule was broken, or something is worth knowing.
  case anomaly(Anomaly, in: SessionReference)
  /// Bytes were sent once more; only with `EventNeeds.Transport.all`.
  case retransmission(Retransmission, in: SessionReference)
  /// A session ends.
  case closed(SessionClose)
  /// Of several inputs another one goes on.
  case inputChanged(InputChange)
  /// Nothing follows.
  case ended(CaptureSummary)
}
