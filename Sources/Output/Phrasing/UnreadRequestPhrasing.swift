import Sessions

extension UnreadRequest {
  /// `connection 192.0.2.1:5000 → 198.51.100.2:80: an upgrade request at byte 312, in packet 4, was not read: it comes after
  /// bytes of an unknown protocol`
  var phrase: String {
    let place = "connection \(client) → \(server): "
    let spot = "at byte \(position.offset), in packet \(position.packet),"
    if case .cut(let status) = reason {
      return
        "\(place)a request \(spot) asks for an upgrade, and was answered with \(status); its rest is not in the "
        + "capture, so perhaps the upgrade was one to WebSocket"
    }
    return "\(place)an upgrade request \(spot) was not read: \(reason.phrase)"
  }
}

extension UnreadRequest.Reason {
  fileprivate var phrase: String {
    switch self {
    case .unknownProtocol: "it comes after bytes of an unknown protocol"
    case .unknownProtocolOfServer: "the server had sent bytes of an unknown protocol before"
    case .requestLine(let line): "its first line is not a request line: \"\(line)\""
    case .refused(let target) where target.isEmpty: "the SOCKS server refused the client"
    case .refused(let target): "the SOCKS server refused to connect to \(target)"
    case .tooManyPreambles: "it comes after more than \(Route.limit) headers of PROXY, SOCKS or CONNECT"
    case .otherProtocol(let name) where name.isEmpty: "it comes after an upgrade to another protocol"
    case .otherProtocol(let name): "it comes after an upgrade to \(name)"
    case .headTooLarge(let detail): detail
    case .cut(let status): "it was cut, and answered with \(status)"
    }
  }
}
