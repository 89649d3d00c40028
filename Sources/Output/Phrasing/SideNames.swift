import SessionAnalysis
import WireBytes

/// What the two ends of a connection are called: on a leg around a proxy one of them is that.
struct SideNames {
  private let client: String
  private let server: String

  /// As in most sessions.
  static let usual = SideNames(client: Side.client.name, server: Side.server.name)
  /// On the client's leg.
  static let onFront = SideNames(client: Side.client.name, server: "proxy")
  /// On the server's leg.
  static let onBack = SideNames(client: "proxy", server: Side.server.name)

  subscript(side: Side) -> String { side == .client ? client : server }
}
