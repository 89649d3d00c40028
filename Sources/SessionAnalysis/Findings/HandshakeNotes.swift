import HTTP1
import WireBytes

/// What is worth knowing of a handshake that breaks no rule of it.
package struct HandshakeNotes {
  let handshake: Handshake
  /// What is secret in it, whether or not it is shown.
  let secrets: Secrets
  /// What must not be shown of it.
  let hidden: Secrets
  /// How the Origin of its request differs from the Host.
  let originMismatch: OriginMismatch?
  /// Whether somebody reads what they say.
  let showsDetails: Bool

  /// What is known of a handshake.
  package init(
    handshake: Handshake, secrets: Secrets, hidden: Secrets, originMismatch: OriginMismatch?,
    showsDetails: Bool
  ) {
    (self.handshake, self.secrets, self.originMismatch) = (handshake, secrets, originMismatch)
    (self.hidden, self.showsDetails) = (hidden, showsDetails)
  }

  /// Calls `body` with each finding.
  package func forEach(_ body: (Anomaly) -> Void) {
    if let foreignOrigin { body(foreignOrigin) }
    if let request = credentialsInClear(in: handshake.request, of: .client) { body(request) }
    if let response = credentialsInClear(in: handshake.response, of: .server) { body(response) }
  }

  private var foreignOrigin: Anomaly? {
    guard let request = handshake.request, originMismatch == .host else { return nil }
    var detail = ""
    if showsDetails {
      let origin = hidden.redacted(target: handshake.origin ?? "")
      let host = request["Host"] ?? ""
      let shownHost = hidden.isEmpty ? host : hidden.redacted(header: "Host", value: host)
      detail = "the Origin is \"\(origin)\", the Host \"\(shownHost)\""
    }
    return Anomaly(SessionRule.foreignOrigin, by: .client, at: request.start, detail)
  }

  private func credentialsInClear(in head: HTTPHead?, of side: Side) -> Anomaly? {
    let places = secrets.places(of: side)
    guard let head, !places.isEmpty else { return nil }
    return Anomaly(
      SessionRule.credentialsInClear, by: side, at: head.start,
      showsDetails ? "readable by anyone on the path: \(Self.listed(places))" : "")
  }

  /// The first of them, and how many there are beyond the limit.
  private static func listed(_ places: [String]) -> String {
    let text = places.prefix(listLimit).joined(separator: ", ")
    return places.count > listLimit ? "\(text) and \(places.count - listLimit) more" : text
  }

  private static let listLimit = 64
}
