import HTTP1
import Sessions
import TCPReassembly
import WireBytes

/// The lines with which a session begins: who talks to whom, how it relates to other sessions, and its handshake.
struct SessionOpenText {
  let event: SessionOpen

  func write(to lines: inout TextLines) {
    writeHeading(to: &lines)
    for phrase in event.viaPhrases { lines.writeDetail(phrase, .dim) }
    if let reconnect = event.reconnect { lines.writeDetail(reconnect.phrase, .dim) }
    if let leg = event.leg { lines.writeDetail(leg.phrase, .dim) }
    if let request = event.handshake?.request { write(request: request, to: &lines) }
    if let response = event.handshake?.response { write(response: response, to: &lines) }
  }

  private func writeHeading(to lines: inout TextLines) {
    let tag = TextLines.tag(event.session)
    let place =
      event.url.map { GuardedText.of($0) }
      ?? (event.handshake.map {
        $0.isRequestUnread ? "WebSocket (request not read)" : "WebSocket (handshake not captured whole)"
      } ?? "WebSocket (handshake not captured)")
    let ends = "\(event.client) → \(event.server)"
    let room = (lines.width ?? .max) - tag.utf8.count - 2
    let isOneLine = lines.width == nil || TerminalText.columns(of: place) + 3 + ends.count <= room
    lines.line.append(lines.style.on(.heading))
    lines.line.append(utf8: tag)
    lines.line.append("  ")
    TerminalText.write(place.utf8.span, width: room, to: &lines.line)
    lines.line.append(lines.style.off)
    if isOneLine {
      lines.line.append("   ")
      lines.line.append(utf8: ends)
      lines.endLine()
    } else {
      lines.endLine()
      lines.line.append(repeating: UInt8(ascii: " "), count: TextLines.indent)
      lines.write([TextRun(ends, isOurs: true)], after: TextLines.indent)
    }
  }

  private func write(request: HTTPHead, to lines: inout TextLines) {
    let columns = lines.begin(request.start, event.session, .client)
    var details = GuardedText.of("\(request.method) \(event.target(of: request))")
    if request.isCut { details += request.version == nil ? "…   cut" : "   cut" }
    if let origin = event.handshake?.origin {
      details += "   Origin \(GuardedText.of(event.shown(header: "Origin", origin)))"
    }
    if let offered = event.handshake?.subprotocolsOffered, !offered.isEmpty {
      details +=
        "   subprotocol \(GuardedText.of(event.shown(subprotocols: offered).joined(separator: ", ")))"
    }
    if let offered = event.handshake?.extensionsOffered, !offered.isEmpty {
      details += "   offers \(GuardedText.of(event.shown(extensions: offered).joined(separator: ", ")))"
    }
    lines.end(with: details, after: columns)
  }

  private func write(response: HTTPHead, to lines: inout TextLines) {
    let columns = lines.begin(response.end, event.session, .server)
    let reason = GuardedText.of(event.reason(of: response))
    var details = "\(response.status)" + (reason.isEmpty ? "" : " \(reason)")
    if response.isCut { details += "   cut" }
    if let valid = event.handshake?.acceptValid { details += valid ? "   accept ✓" : "   accept ✗" }
    details += response.status == 101 ? agreement(response) : explanation(response)
    lines.end(with: details, after: columns)
  }

  /// What both sides agreed on.
  private func agreement(_ response: HTTPHead) -> String {
    guard let handshake = event.handshake else { return "" }
    var details = ""
    let protocols = event.shown(subprotocols: handshake.subprotocolsSelected).joined(separator: ", ")
    if !protocols.isEmpty { details += "   subprotocol \(GuardedText.of(protocols))" }
    let extensions = event.shown(extensions: handshake.extensionsSelected).joined(separator: ", ")
    if !extensions.isEmpty {
      details += "   \(GuardedText.of(extensions))"
    } else if !response.isCut {
      details += "   no extensions"
    }
    return details
  }

  /// The fields of a refusal that say what would be accepted.
  private func explanation(_ response: HTTPHead) -> String {
    let shown: [StaticString] = [
      "Location", "Sec-WebSocket-Version", "WWW-Authenticate", "Retry-After", "Server",
    ]
    return shown.compactMap { name in
      response[name].map { "   \(name): \(GuardedText.of(event.shown(header: "\(name)", $0)))" }
    }.joined()
  }
}
