import WireBytes

/// Writes packets that are picked one by one to a `CaptureOutput`, as pcapng of one interface.
public final class PacketFile {
  /// The LINKTYPE_ number of its packets.
  public let linkType: Int32
  private let output: CaptureOutput
  private var blocks = PcapngWriter()
  /// Why nothing more can be written.
  public private(set) var failure: String?

  /// A file for packets of an interface.
  public init(_ output: CaptureOutput, interface: String, linkType: Int32, snapLength: Int = 0) {
    (self.output, self.linkType) = (output, linkType)
    blocks.start(
      interface: interface, linkType: linkType, snapLength: Int32(clamping: snapLength), filter: nil)
    output.begin(header: blocks.bytes)
    blocks.removeAll()
  }

  /// Adds a packet. After a failure nothing is written any more.
  public func write(_ bytes: Span<UInt8>, _ record: PacketRecord) {
    guard failure == nil else { return }
    unsafe bytes.withUnsafeBytes {
      unsafe blocks.packet($0, originalLength: UInt32(clamping: record.originalLength), time: record.time)
    }
    failure = output.write(blocks.bytes)
    blocks.removeAll()
  }

  /// Ends the file.
  public func close() {
    let words = output.close()
    failure = failure ?? words
  }
}
