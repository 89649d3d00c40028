import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What the observers across sessions keep of one session: the facts of its opening that other sessions are compared with.
package final class SessionTrace {
  /// Its number, and since when its clock runs.
  package let session: SessionReference
  /// Its place in the table of sessions, which another one gets when it has ended.
  package var index: SessionIndex?
  /// Who asked for the upgrade.
  package let client: Endpoint
  /// Who was asked.
  package let server: Endpoint
  /// The client's end of the TCP connection: of a leg behind a proxy that tells whose connection it passes on, the proxy.
  let tcpClient: Endpoint
  /// What a reconnect would share with it; nil when the request is not known.
  package let place: ReconnectPlace?
  /// A hash of the host name that it was opened with, whatever its letters' case; nil when it is not known.
  package let host: UInt64?
  /// The identity of its Sec-WebSocket-Key; nil without one.
  package let key: KeyIdentity?
  /// Whether a request or a response is in the capture.
  let hasHandshake: Bool
  /// Who a proxy says it asks for.
  let forwardedFor: String?
  /// How its messages are matched with those of other legs; nil where it cannot be a leg.
  package var legCandidate: ProxyLegCandidate? {
    @inline(__always) get { unsafe uncheckedLegCandidate }
    @inline(__always) set { unsafe uncheckedLegCandidate = newValue }
  }
  // Every message asks for it, and nothing holds it meanwhile.
  @exclusivity(unchecked) private var uncheckedLegCandidate: ProxyLegCandidate?
  /// Whose user it may be.
  let cookies: ClientCookies
  /// The lost sessions that this one and its predecessors reconnected after; nil if it is no reconnect.
  var lineage: ReconnectLineage?
  /// It is the leg between a proxy and its server.
  package var isUpstream = false
  /// Its request as a leg of one that was refused; nil where none was.
  var refusedLeg: RefusedLeg?

  /// The facts of a session that begins.
  package init(
    _ session: SessionReference, client: Endpoint, server: Endpoint, tcpClient: Endpoint? = nil,
    handshake: Handshake?
  ) {
    self.session = session
    (self.client, self.server) = (client, server)
    self.tcpClient = tcpClient ?? client
    let fields = ClientFields(handshake?.request)
    (host, cookies) = (fields.host, fields.cookies)
    let forwarded = handshake?.request.flatMap { $0["X-Forwarded-For"] ?? $0["X-Real-IP"] ?? $0["Forwarded"] }
    place = ReconnectPlace(client: client, server: server, handshake, fields, isForwarded: forwarded != nil)
    key = handshake?.keyIdentity
    hasHandshake = handshake != nil
    forwardedFor = forwarded ?? (self.tcpClient == client ? nil : client.address.description)
  }

  /// Whether a proxy asks for it for `front`, which has the same key, and clients do not just use one key for all. `isNested`: it was
  /// asked for and answered in between.
  package func isUpstream(of front: SessionTrace, isNested: Bool) -> Bool {
    tcpClient.address == front.server.address || forwardedFor != nil
      || isNested && tcpClient.address != front.tcpClient.address
  }

  /// Whether it was found to be the leg between a proxy and its server.
  package var isBehindProxy: Bool {
    legCandidate?.asBack?.isCertain ?? false || refusedLeg?.pair?.back == session.number
  }
}
