import HTTPUpgrade
import WireBytes

/// What is worth knowing of a handshake that breaks no rule of it.
struct HandshakeNotes {
  let handshake: Handshake
  /// What is secret in it.
  let secrets: Secrets

  var anomalies: [Anomaly] { [foreignOrigin, credentialsInClear].compactMap { $0 } }

  private var foreignOrigin: Anomaly? {
    guard let request = handshake.request, let origin = handshake.origin, let host = request["Host"],
      Self.hostname(of: origin) != Self.hostname(of: host)
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

  /// The host of an origin or of a Host field, without port, in lower case.
  static func hostname(of text: String) -> [UInt8] {
    var rest = Array(text.utf8)[...]
    if let slash = rest.firstIndex(of: UInt8(ascii: "/")), rest[slash...].starts(with: "//".utf8) {
      rest = rest[(slash + 2)...]
    }
    let isBracketed = rest.first == UInt8(ascii: "[")
    let host = rest.prefix {
      isBracketed ? $0 != UInt8(ascii: "]") : $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/")
    }
    return host.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  }
}
