import SessionAnalysis
import TCPReassembly
import WireBytes

extension UpstreamFailure {
  /// `upstream 10.0.0.5:8080 refused the connection (RST in answer to SYN, packet 6)`
  var phrase: String {
    var parts: [String] = []
    for responder in responders {
      let attempts = connections.filter { $0.responder == responder }
      parts.append("\(isInferred ? "perhaps " : "")upstream \(responder) \(Self.phrase(attempts))")
    }
    if count > connections.count { parts.append("… \(count) connections in all") }
    return parts.joined(separator: "; ")
      + (before.map { ", \(DurationText.precise($0)) before the request" } ?? "")
  }

  /// In the order in which they were asked.
  private var responders: [Endpoint] {
    connections.map(\.responder).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func phrase(_ attempts: [FailedConnection]) -> String {
    let (refused, silent) = (attempts.filter(\.isRefused), attempts.filter { !$0.isRefused })
    var parts: [String] = []
    if !refused.isEmpty {
      parts.append(
        (refused.count == 1 ? "refused the connection" : "refused \(refused.count) connections")
          + " (RST in answer to SYN, \(packets(refused.map(\.lastPacket))))")
    }
    if !silent.isEmpty {
      let syns = silent.reduce(0) { $0 + $1.syns }
      let (first, last) = (silent[0].firstPacket, silent.map(\.lastPacket).max() ?? 0)
      parts.append(
        "did not answer \(Counted.text(syns, "SYN")) "
          + (first == last ? "(packet \(first))" : "(packets \(first) to \(last))"))
    }
    return parts.joined(separator: ", and ")
  }

  private static func packets(_ numbers: [UInt64]) -> String {
    (numbers.count == 1 ? "packet " : "packets ") + numbers.map(String.init).joined(separator: ", ")
  }
}
