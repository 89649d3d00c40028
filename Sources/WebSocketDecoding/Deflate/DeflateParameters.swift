import WireBytes

/// The compression that the two sides agreed on: permessage-deflate (RFC 7692 §7.1), or its predecessor deflate-frame.
public struct DeflateParameters: Sendable, Hashable {
  /// Each frame is compressed by itself and says so with its RSV1 (draft-tyoshino-hybi-websocket-perframe-deflate).
  public var isPerFrame = false
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

  /// The agreement that a server's response states. Parameters with invalid values keep their defaults.
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

  /// The agreement on deflate-frame, where each side states what its peer has to observe.
  public init(
    frameParametersOfClient client: [(name: String, value: String?)],
    server: [(name: String, value: String?)]
  ) {
    isPerFrame = true
    serverNoContextTakeover = client.contains { $0.name.lowercased() == "no_context_takeover" }
    clientNoContextTakeover = server.contains { $0.name.lowercased() == "no_context_takeover" }
    let bits = { (parameters: [(name: String, value: String?)]) in
      parameters.first { $0.name.lowercased() == "max_window_bits" }.flatMap { Self.windowBits($0.value) }
        ?? 15
    }
    (serverMaxWindowBits, clientMaxWindowBits) = (bits(client), bits(server))
  }

  /// What the agreement means for the frames that `side` sends.
  public func compression(of side: Side) -> SideCompression {
    SideCompression(
      forgetsContext: side == .client ? clientNoContextTakeover : serverNoContextTakeover,
      windowBits: side == .client ? clientMaxWindowBits : serverMaxWindowBits, isPerFrame: isPerFrame)
  }

  private static func windowBits(_ value: String?) -> Int? {
    guard let value, let bits = Int(value), (8...15).contains(bits) else { return nil }
    return bits
  }
}
