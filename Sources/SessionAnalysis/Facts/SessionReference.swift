import WireBytes

/// What every event of a session carries: which one, and since when its clock runs.
public struct SessionReference: Sendable {
  /// Counted from 1 in the order in which sessions were found.
  public var number: UInt64
  /// The moment that relative times count from: the upgrade request, or the first packet seen.
  public var start: CaptureTime

  /// A session from its number and its beginning.
  package init(number: UInt64, start: CaptureTime) { (self.number, self.start) = (number, start) }
}
