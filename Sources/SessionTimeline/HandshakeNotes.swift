import HTTP1
import WireBytes

/// What is worth knowing of a handshake that breaks no rule of it.
struct HandshakeNotes {
  let handshake: Handshake
  /// What is secret in it.
  let secrets: Secrets
  /// Whether somebody reads what they say.
  let showsDetails: Bool

  func forEach(_ body: (Anomaly) -> Void) {
    if let foreignOrigin { body(foreignOrigin) }
    if let credentialsInClear { body(credentialsInClear) }
  }

  private var foreignOrigin: Anomaly? {
    guard let request = handshake.request, request.hasForeignOrigin else { return nil }
    var detail = ""
    if showsDetails {
      let origin = secrets.redacted(target: handshake.origin ?? "")
      detail = "the Origin is \"\(origin)\", the Host \"\(request["Host"] ?? "")\""
    }
    return Anomaly(SessionRule.foreignOrigin, by: .client, at: request.start, detail)
  }

  private var credentialsInClear: Anomaly? {
    guard let request = handshake.request, !secrets.isEmpty else { return nil }
    return Anomaly(
      SessionRule.credentialsInClear, by: .client, at: request.start,
      showsDetails ? "readable for everybody on the way: \(secrets.places.joined(separator: ", "))" : "")
  }
}
