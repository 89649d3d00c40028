import Threads
import WireBytes

/// Writes selected packets to a `CaptureOutput`, as pcapng with one interface.
public final class PacketFile {
  /// The LINKTYPE_ number of its packets.
  public let linkType: Int32
  private let output: CaptureOutput
  private let keyLog: KeyLog?
  private var lastLook: Int64 = 0
  private var blocks = PcapngWriter()
  /// The error message after which nothing more is written; nil without an error.
  public private(set) var failure: String?

  /// Nanoseconds between two checks of the key log.
  private static let pause: Int64 = 20_000_000

  /// For an output that has its header, and for the secrets of a key log.
  public init(_ output: CaptureOutput, linkType: Int32, keyLog: KeyLog? = nil) {
    (self.output, self.linkType, self.keyLog) = (output, linkType, keyLog)
  }

  /// What a file begins with that has packets of one interface.
  public static func header(
    interface: String, linkType: Int32, snapLength: Int = 0, filter: String? = nil
  ) -> [UInt8] {
    var blocks = PcapngWriter()
    blocks.start(
      interface: interface, linkType: linkType, snapLength: Int32(clamping: snapLength), filter: filter)
    return blocks.bytes
  }

  /// About how many bytes of selected packets are still to be written.
  public var waitingBytes = 0

  /// Whether it has reached its limit, or will reach it with the bytes that are waiting.
  public var isFull: Bool { output.reachesLimit(with: waitingBytes) }

  /// Adds a packet. After an error, or when the file is full, nothing is written.
  public func write(_ bytes: Span<UInt8>, _ record: PacketRecord) {
    guard failure == nil, !output.hasReachedLimit else { return }
    writeSecrets(isLast: false)
    unsafe bytes.withUnsafeBytes {
      unsafe blocks.packet($0, originalLength: UInt32(clamping: record.originalLength), time: record.time)
    }
    failure = output.write(blocks.bytes)
    blocks.removeAll()
  }

  /// Writes what is new in the key log, so that it comes before the packets that need it.
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

  /// Closes the file.
  public func close() {
    writeSecrets(isLast: true)
    let words = output.close()
    failure = failure ?? words
  }
}
