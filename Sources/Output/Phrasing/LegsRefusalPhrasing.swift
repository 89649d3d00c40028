import SessionAnalysis

extension LegsRefusal {
  /// Who refused: `refused by the server with 426 in packet 11 (#1); the proxy passed that on in packet 14 (#2)`.
  func phrase(front frontSession: UInt64, back backSession: UInt64) -> String {
    let told = front.status.map { "\($0) in packet \(front.packet) (#\(frontSession))" }
    guard let status = back.status else {
      return "the server did not answer what the proxy asked in packet \(back.packet) (#\(backSession))"
        + (told.map { "; the proxy answered with \($0)" } ?? ", and the proxy did not answer either")
    }
    let said = "\(status) in packet \(back.packet) (#\(backSession))"
    guard let told else { return "the server answered with \(said), and the proxy did not answer the client" }
    return isPassedOn
      ? "refused by the server with \(said); the proxy passed that on in packet \(front.packet) (#\(frontSession))"
      : "the server answered with \(said); the proxy answered the client with \(told)"
  }
}

extension DroppedUpgrade {
  /// `because the proxy between #2 and #1 dropped Upgrade and Connection, and asked with HTTP/1.0`
  var phrase: String {
    var parts: [String] = []
    if let last = fields.last {
      let others = fields.dropLast().joined(separator: ", ")
      parts.append("dropped " + (others.isEmpty ? last : "\(others) and \(last)"))
    }
    if let version { parts.append("asked with \(version)") }
    return "because the proxy between #\(front) and #\(back) " + parts.joined(separator: ", and ")
  }
}

extension HandshakeDifference {
  /// `the proxy passes on no Upgrade (was "websocket")`
  var phrase: String {
    switch side {
    case .client: "the proxy passes on \(changePhrase)"
    case .server: "the server answers with \(answerPhrase)"
    }
  }

  /// An answer goes the other way: what the client gets is what the proxy made of it.
  private var answerPhrase: String {
    let said = back.map { "\(field ?? "") \"\($0)\"" } ?? "no \(field ?? "")"
    return said + ", the proxy with " + (front.map { "\"\($0)\"" } ?? "none")
  }
}
