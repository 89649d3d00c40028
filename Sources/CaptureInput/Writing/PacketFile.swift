import Threads
import WireBytes

/// Writes packets that are picked one by one to a `CaptureOutput`, as pcapng of one interface.
public final class PacketFile {
  /// The LINKTYPE_ number of its packets.
  public let linkType: Int32
  private let output: CaptureOutput
  private let keyLog: KeyLog?
  private var lastLook: Int64 = 0
  private var blocks = PcapngWriter()
  /// Why nothing more can be written.
  public private(set) var failure: String?

  /// Nanoseconds between two looks at the key log.
  private static let pause: Int64 = 20_000_000

  /// A file for packets of an interface, and for the secrets of a key log.
  public init(
    _ output: CaptureOutput, interface: String, linkType: Int32, snapLength: Int = 0, keyLog: KeyLog? = nil
  ) {
    (self.output, self.linkType, self.keyLog) = (output, linkType, keyLog)
    blocks.start(
      interface: interface, linkType: linkType, snapLength: Int32(clamping: snapLength), filter: nil)
    output.begin(header: blocks.bytes)
    blocks.removeAll()
  }

  /// Bytes of packets that are picked and still to be written, about.
  public var waitingBytes = 0

  /// Whether it has as many bytes as it may have, or will have with those that wait.
  public var isFull: Bool { output.reachesLimit(with: waitingBytes) }

  /// Adds a packet. After a failure, or when the file is full, nothing is written any more.
  public func write(_ bytes: Span<UInt8>, _ record: PacketRecord) {
    guard failure == nil, !output.hasReachedLimit else { return }
    writeSecrets(isLast: false)
    unsafe bytes.withUnsafeBytes {
      unsafe blocks.packet($0, originalLength: UInt32(clamping: record.originalLength), time: record.time)
    }
    failure = output.write(blocks.bytes)
    blocks.removeAll()
  }

  /// What the key log got since the last look, so that it stands before the packets that need it.
  private func writeSecrets(isLast: Bool) {
    guard let keyLog else { return }
    let now = monotonicNanoseconds()
    guard isLast || now - lastLook >= Self.pause else { return }
    lastLook = now
    let lines = keyLog.takeNew()
    guard !lines.isEmpty, failure == nil else { return }
    blocks.secrets(lines)
    failure = output.write(blocks.bytes)
    output.keep(secrets: blocks.bytes)
    blocks.removeAll()
  }

  /// Ends the file.
  public func close() {
    writeSecrets(isLast: true)
    let words = output.close()
    failure = failure ?? words
  }
}
