import HTTP1
import TCPReassembly
import WireBytes

/// The same client, the same server, host and path: what reconnects. The query may hold a token that changes. Users who come through
/// one proxy are told apart by the addresses that it says they have, and those behind one address by their browsers.
///
/// As a hash of all of it, which the process seeds: a path may be as long as a head.
package struct ReconnectPlace: Hashable {
  private let hash: Int

  /// nil when the request is not known, or does not ask for an upgrade: then a client did not write it, or not as it is.
  ///
  /// `isForwarded`: a proxy says for whom it asks.
  init?(
    client: Endpoint, server: Endpoint, _ handshake: Handshake?, _ fields: ClientFields, isForwarded: Bool
  ) {
    guard let request = handshake?.request,
      request.isCut
        || request.withValue(of: "Upgrade", { $0.contains("websocket", ignoringCase: true) }) == true
    else { return nil }
    var hasher = Hasher()
    hasher.combine(client.address)
    hasher.combine(server)
    hasher.combine(isForwarded ? ForwardedClient.address(in: request) : nil)
    hasher.combine(fields.host)
    hasher.combine(fields.userAgent)
    request.withRequestLine { _, target in
      var end = 0
      while end < target.count, target[end] != UInt8(ascii: "?") { end &+= 1 }
      hasher.combine(ClientFields.hash(target.extracting(0..<end)))
    }
    hash = hasher.finalize()
  }
}
