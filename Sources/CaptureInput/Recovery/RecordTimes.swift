import WireBytes

/// The times of records that were read. They tell the fields of a record from the bytes around them, and the records of
/// a file from those of another file within it.
struct RecordTimes {
  /// In seconds since the epoch.
  private let known: [Int64]

  /// The longest time between two packets in a row, in seconds.
  static let longestSilence: Int64 = 30 * 86_400

  /// `known` are the times of the first record and of the last one, which may itself be damaged. Without any, every time
  /// is accepted.
  init(_ known: [CaptureTime]) { self.known = known.map { $0.nanoseconds / 1_000_000_000 } }

  /// Whether a record's seconds are close to those of a known record.
  func areNear(_ seconds: UInt32) -> Bool {
    known.isEmpty || known.contains { abs(Int64(seconds) - $0) <= Self.longestSilence }
  }
}
