import WireBytes

/// What a capture says beside its packets. pcapng has such metadata, classic pcap has none.
///
/// It is bounded: a hostile file cannot make it larger than about 20 MiB.
public struct CaptureMetadata: Sendable {
  /// Sections of the file.
  public internal(set) var sections: UInt64 = 0
  /// The interfaces of all sections, in the order of their descriptions; at most 1,024.
  public private(set) var interfaces: [CaptureInterface] = []
  /// Comments on packets and on the capture; at most 1,000.
  public private(set) var comments: [CaptureComment] = []
  /// Comments beyond that.
  public private(set) var commentsLeftOut: UInt64 = 0
  /// Key material that is stored with the packets; at most 16 MiB.
  public private(set) var secrets: [DecryptionSecrets] = []
  /// Packets without a time.
  public internal(set) var packetsWithoutTime: UInt64 = 0

  /// No metadata.
  public init() {}

  /// Whether the format has metadata; false for a classic file.
  public var saysAnything: Bool { sections > 0 }

  private static let mostInterfaces = 1024
  private static let mostComments = 1000
  private static let longestText = 4096
  private static let mostSecretBytes = 16 << 20

  /// Adds an interface. Returns its index; -1 when there are too many.
  mutating func add(_ interface: CaptureInterface) -> Int {
    guard interfaces.count < Self.mostInterfaces else { return -1 }
    interfaces.append(interface)
    return interfaces.count - 1
  }

  /// Adds a comment on a packet, or on a section or an interface when `packet` is nil.
  mutating func add(comment: Span<UInt8>, packet: UInt64?) {
    guard comments.count < Self.mostComments else {
      commentsLeftOut &+= 1
      return
    }
    comments.append(CaptureComment(packet: packet, text: Self.text(comment)))
  }

  mutating func add(_ added: DecryptionSecrets) {
    // An entry itself costs memory, so the number of empty ones is bounded, too.
    let held = secrets.reduce(0) { $0 + $1.bytes.count + 64 }
    guard held + added.bytes.count <= Self.mostSecretBytes, secrets.count < Self.mostComments else { return }
    secrets.append(added)
  }

  /// Counts packets of an interface.
  mutating func count(_ packets: UInt64, interface: Int) {
    if interfaces.indices.contains(interface) { interfaces[interface].packets &+= packets }
  }

  /// Adds what a block says of an interface; a later block replaces what an earlier one said.
  mutating func add(_ statistics: InterfaceStatisticsBlock, interface: Int) {
    guard interfaces.indices.contains(interface) else { return }
    if let packets = statistics.received { interfaces[interface].received = packets }
    if let packets = statistics.droppedByInterface { interfaces[interface].droppedByInterface = packets }
    if let packets = statistics.droppedBySystem { interfaces[interface].droppedBySystem = packets }
  }

  /// A text of the file, shortened to a limit. Bytes that are not UTF-8 are replaced.
  static func text(_ bytes: Span<UInt8>) -> String {
    String(decoding: bytes.extracting(first: longestText).toArray(), as: UTF8.self)
  }
}
