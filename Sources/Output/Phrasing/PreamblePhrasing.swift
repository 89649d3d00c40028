import Preambles
import Sessions
import TCPReassembly

extension SessionOpen {
  /// What came before the handshake, a line each: `via PROXY v1 from 203.0.113.5:51234, told by 192.0.2.10:50000`.
  var viaPhrases: [String] {
    via.map { preamble in
      switch preamble.kind {
      case .proxyProtocol:
        let version = "via PROXY v\(preamble.version ?? 1)"
        guard let client = preamble.client else { return "\(version), which tells no address" }
        return "\(version) from \(Endpoint(client)), told by \(tcpClient)"
      case .connect: return "via CONNECT to \(preamble.target ?? "")"
      case .socks4: return "via SOCKS4\(preamble.phraseOfTarget)"
      case .socks4a: return "via SOCKS4a\(preamble.phraseOfTarget)"
      case .socks5: return "via SOCKS5\(preamble.phraseOfTarget)"
      }
    }
  }
}

extension Preamble {
  fileprivate var phraseOfTarget: String {
    " to \(target ?? "")" + (isAuthenticated ? ", with credentials in clear" : "")
  }
}

extension Endpoint {
  /// An end that a preamble tells of.
  init(_ end: Preamble.End) { self.init(address: end.address, port: end.port) }
}
