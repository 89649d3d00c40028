import HTTPUpgrade
import WireBytes

/// What is worth knowing of a handshake that breaks no rule of it.
struct HandshakeNotes {
  let handshake: Handshake
  /// What is secret in it.
  let secrets: Secrets

  var anomalies: [Anomaly] { [foreignOrigin, credentialsInClear].compactMap { $0 } }

  private var foreignOrigin: Anomaly? {
    guard let request = handshake.request, request.hasForeignOrigin, let origin = handshake.origin,
      let host = request["Host"]
    else { return nil }
    return Anomaly(
      SessionRule.foreignOrigin, by: .client, at: request.start,
      "the Origin is \"\(secrets.redacted(target: origin))\", the Host \"\(host)\"")
  }

  private var credentialsInClear: Anomaly? {
    guard let request = handshake.request, !secrets.isEmpty else { return nil }
    return Anomaly(
      SessionRule.credentialsInClear, by: .client, at: request.start,
      "readable for everybody on the way: \(secrets.places.joined(separator: ", "))")
  }
}
