import Sessions

extension UnreadRequest {
  /// `connection 192.0.2.1:5000 → 198.51.100.2:80: an upgrade request at byte 312, in packet 4, was not read: it comes after
  /// bytes of an unknown protocol`
  var phrase: String {
    """
    connection \(client) → \(server): an upgrade request at byte \(position.offset), in packet \
    \(position.packet), was not read: \(reason.phrase)
    """
  }
}

extension UnreadRequest.Reason {
  fileprivate var phrase: String {
    switch self {
    case .unknownProtocol: "it comes after bytes of an unknown protocol"
    case .refused(let target) where target.isEmpty: "the SOCKS server refused the client"
    case .refused(let target): "the SOCKS server refused to connect to \(target)"
    }
  }
}
