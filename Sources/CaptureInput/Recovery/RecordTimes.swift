import WireBytes

/// The seconds of records that were read: by them the fields of a record are told from what stands beside them, and the
/// records of a file from those of another one within it.
struct RecordTimes {
  private let known: [Int64]

  /// Seconds between two packets that follow each other.
  static let longestSilence: Int64 = 30 * 86_400

  /// `known`: those of the first record, and of the last one, which may be damaged itself. Without any, nothing is known.
  init(_ known: [CaptureTime]) { self.known = known.map { $0.nanoseconds / 1_000_000_000 } }

  func hold(_ seconds: UInt32) -> Bool {
    known.isEmpty || known.contains { abs(Int64(seconds) - $0) <= Self.longestSilence }
  }
}
