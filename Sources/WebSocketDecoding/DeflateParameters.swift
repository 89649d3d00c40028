/// permessage-deflate as the two sides agreed on it (RFC 7692 §7.1).
public struct DeflateParameters: Sendable, Hashable {
  /// The server restarts its window for every message.
  public var serverNoContextTakeover = false
  /// The client restarts its window for every message.
  public var clientNoContextTakeover = false
  /// The server's window is 2 to this power: 8 to 15.
  public var serverMaxWindowBits = 15
  /// The client's window is 2 to this power: 8 to 15.
  public var clientMaxWindowBits = 15

  /// The defaults: both sides keep windows of 32 KiB.
  public init() {}

  /// The agreement that a server's answer states. What it states wrongly stays at its default.
  public init(parameters: [(name: String, value: String?)]) {
    for (name, value) in parameters {
      switch name.lowercased() {
      case "server_no_context_takeover": serverNoContextTakeover = true
      case "client_no_context_takeover": clientNoContextTakeover = true
      case "server_max_window_bits": serverMaxWindowBits = Self.windowBits(value) ?? serverMaxWindowBits
      case "client_max_window_bits": clientMaxWindowBits = Self.windowBits(value) ?? clientMaxWindowBits
      default: break
      }
    }
  }

  private static func windowBits(_ value: String?) -> Int? {
    guard let value, let bits = Int(value), (8...15).contains(bits) else { return nil }
    return bits
  }
}
