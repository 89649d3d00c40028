/// What is reported about an input when it has been read.
public struct InputEnding: Sendable {
  /// What messages call it.
  public var name: InputName
  /// Packets in it.
  public var packets: UInt64
  /// What it says beside its packets.
  public var metadata: CaptureMetadata

  init(_ reader: inout SavefileReader) {
    (name, packets, metadata) = (reader.name, reader.record.number, reader.metadata)
  }
}
