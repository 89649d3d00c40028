/// How an interface is captured.
public struct LiveOptions: Sendable {
  /// The interface's name; `any` for all interfaces (Linux).
  public var interface: String
  /// Whether to ask the interface for packets that are not addressed to it, too.
  public var isPromiscuous = true
  /// How many bytes of a packet are kept.
  public var snapLength = 262_144
  /// The size in bytes of the kernel's buffer, and of the one between capturing and decoding.
  public var bufferBytes = 64 << 20
  /// Whether to take each packet at once instead of up to 100 ms later. Under load this loses packets.
  public var isImmediate = false
  /// A libpcap filter; packets that do not match it are not captured.
  public var filter: String?
  /// After how many packets to stop.
  public var packets: UInt64?
  /// After how many seconds to stop.
  public var seconds: Double?
  /// Whether standard input is a terminal on which `i` asks for the status.
  public var readsKeys = false

  /// The defaults for an interface.
  public init(interface: String) { self.interface = interface }
}
