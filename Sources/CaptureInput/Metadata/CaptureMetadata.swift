import WireBytes

/// What a capture says beside its packets. pcapng has such notes, classic pcap has none.
///
/// All of it is bounded: a hostile file cannot make it larger than about 20 MiB.
public struct CaptureMetadata: Sendable {
  /// Sections of the file.
  public internal(set) var sections: UInt64 = 0
  /// Interfaces in the order of their descriptions, those of all sections; at most 1,024.
  public private(set) var interfaces: [CaptureInterface] = []
  /// Comments on packets and on the capture; at most 1,000.
  public private(set) var comments: [CaptureComment] = []
  /// Comments beyond that.
  public private(set) var commentsLeftOut: UInt64 = 0
  /// Key material that was stored with the packets; at most 16 MiB.
  public private(set) var secrets: [DecryptionSecrets] = []
  /// Packets of which the capture does not say when they came.
  public internal(set) var packetsWithoutTime: UInt64 = 0

  /// Nothing said.
  public init() {}

  /// False for a classic file.
  public var saysAnything: Bool { sections > 0 }

  private static let mostInterfaces = 1024
  private static let mostComments = 1000
  private static let longestText = 4096
  private static let mostSecretBytes = 16 << 20

  /// Who dropped packets before they could be stored.
  enum Dropper { case interface, system }

  /// Keeps a description; returns its place, -1 when there are too many.
  mutating func add(_ interface: CaptureInterface) -> Int {
    guard interfaces.count < Self.mostInterfaces else { return -1 }
    interfaces.append(interface)
    return interfaces.count - 1
  }

  mutating func add(comment: Span<UInt8>, packet: UInt64?) {
    guard comments.count < Self.mostComments else {
      commentsLeftOut &+= 1
      return
    }
    comments.append(CaptureComment(packet: packet, text: Self.text(comment)))
  }

  mutating func add(_ added: DecryptionSecrets) {
    // An entry costs memory of its own, so a file of empty ones is bounded, too.
    let held = secrets.reduce(0) { $0 + $1.bytes.count + 64 }
    guard held + added.bytes.count <= Self.mostSecretBytes, secrets.count < Self.mostComments else { return }
    secrets.append(added)
  }

  mutating func count(_ packets: UInt64, interface: Int) {
    if interfaces.indices.contains(interface) { interfaces[interface].packets &+= packets }
  }

  mutating func setReceived(_ packets: UInt64, interface: Int) {
    if interfaces.indices.contains(interface) { interfaces[interface].received = packets }
  }

  mutating func setDropped(_ packets: UInt64, by dropper: Dropper, interface: Int) {
    guard interfaces.indices.contains(interface) else { return }
    switch dropper {
    case .interface: interfaces[interface].droppedByInterface = packets
    case .system: interfaces[interface].droppedBySystem = packets
    }
  }

  /// Text of the file, as far as it is kept; bytes that are not UTF-8 are replaced.
  static func text(_ bytes: Span<UInt8>) -> String {
    String(decoding: bytes.extracting(first: longestText).toArray(), as: UTF8.self)
  }
}
