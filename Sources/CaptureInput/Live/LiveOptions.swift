/// How an interface is captured.
public struct LiveOptions: Sendable {
  /// Its name; `any` for all of them (Linux).
  public var interface: String
  /// Ask the interface for what is not addressed to it, too.
  public var isPromiscuous = true
  /// Bytes of a packet that are kept.
  public var snapLength = 262_144
  /// Bytes of the kernel's buffer, and of the one between capturing and decoding.
  public var bufferBytes = 64 << 20
  /// Take each packet at once instead of up to 100 ms later. Costs packets under load.
  public var isImmediate = false
  /// Only packets that this filter of libpcap's lets pass.
  public var filter: String?
  /// Ends after so many packets.
  public var packets: UInt64?
  /// Ends after so many seconds.
  public var seconds: Double?
  /// `i` on standard input, which is a terminal, asks for the status.
  public var readsKeys = false

  /// The defaults for an interface.
  public init(interface: String) { self.interface = interface }
}
