/// What there is to say of an input when it has been read.
public struct InputEnding: Sendable {
  /// As messages call it.
  public var name: String
  /// Packets in it.
  public var packets: UInt64
  /// What it says beside its packets.
  public var notes: CaptureMetadata

  init(_ reader: inout SavefileReader) {
    (name, packets, notes) = (reader.name, reader.record.number, reader.notes)
  }
}
