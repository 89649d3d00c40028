import Preambles
import Sessions
import TCPReassembly

extension SessionOpen {
  /// What came before the handshake, a line each: `via PROXY v1 from 203.0.113.5:51234, told by 192.0.2.10:50000`.
  var viaPhrases: [String] {
    via.map { "via \($0.phrase(toldBy: tcpClient))" }
  }
}

extension CaptureSummary {
  /// Routes that are named in the line.
  private static let routesShown = 4

  /// `2 connections with PROXY, SOCKS or CONNECT carried no WebSocket session: PROXY v1 from 203.0.113.5:51234, told by
  /// 192.0.2.10:50000; CONNECT to a:80 by 192.0.2.10:50001, refused with 503`; nil without such.
  var unusedRoutesPhrase: String? {
    guard unusedRouteCount > 0 else { return nil }
    var parts = unusedRoutes.prefix(Self.routesShown).map(\.phrase)
    let more = unusedRouteCount &- UInt64(parts.count)
    if more > 0 { parts.append("and \(more) more") }
    return
      "\(unusedRouteCount) \(unusedRouteCount == 1 ? "connection" : "connections") with PROXY, SOCKS or CONNECT "
      + "carried no WebSocket session: " + parts.joined(separator: "; ")
  }
}

extension UnusedRoute {
  /// Preambles of one connection that are named.
  private static let shown = 3

  fileprivate var phrase: String {
    var parts = via.prefix(Self.shown).map { $0.phrase(toldBy: client) }
    if via.count > Self.shown { parts.append("\(via.count - Self.shown) more") }
    if let refused {
      let how = status.map { "refused with \($0)" } ?? "refused"
      parts.append("\(refused.phrase(toldBy: client)), \(how)")
    }
    let isTold = (via + [refused].compactMap { $0 }).contains { $0.client != nil }
    return parts.joined(separator: ", then ") + (isTold ? "" : ", asked by \(client)")
  }
}

extension Preamble {
  /// `PROXY v1 from 203.0.113.5:51234, told by 192.0.2.10:50000`, `SOCKS5 to a:80, with credentials in clear`.
  fileprivate func phrase(toldBy peer: Endpoint) -> String {
    switch kind {
    case .proxyProtocol:
      let name = "PROXY v\(version ?? 1)"
      guard let client else { return "\(name), which tells no address" }
      return "\(name) from \(Endpoint(client)), told by \(peer)"
    case .connect: return "CONNECT\(phraseOfTarget)"
    case .socks4: return "SOCKS4\(phraseOfTarget)"
    case .socks4a: return "SOCKS4a\(phraseOfTarget)"
    case .socks5: return "SOCKS5\(phraseOfTarget)"
    }
  }

  private var phraseOfTarget: String {
    let place = target.flatMap { $0.isEmpty ? nil : " to \($0)" } ?? ""
    return place + (isAuthenticated ? ", with credentials in clear" : "")
  }
}

extension Endpoint {
  /// An end that a preamble tells of.
  init(_ end: Preamble.End) { self.init(address: end.address, port: end.port) }
}
