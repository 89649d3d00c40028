import HTTP1
import WireBytes

/// Looks for the cause of a refusal, or of no answer to a request for an upgrade.
struct RefusalSearch {
  let facts: SessionFacts
  /// What a proxy did to the request.
  let droppedUpgrade: DroppedUpgrade?
  /// The body of the answer, if all of it is known and text.
  let body: String?

  /// A proxy made another request of it, had asked its server in vain, or had refused a tunnel. Or the request breaks a rule that the
  /// answer is about. Or the answer says why. Or a browser says for which page it asks, and 403 is how a server refuses that.
  var cause: Cause? {
    guard facts.outcome == .rejected else {
      return facts.handshake?.response == nil ? facts.refusedTunnel.map { .tunnelRefused($0) } : nil
    }
    if let droppedUpgrade { return .upgradeDropped(droppedUpgrade) }
    if let failure = facts.upstreamFailure { return .upstreamFailed(failure) }
    if let violation { return .violation(violation.rule, by: .client, packet: violation.packet) }
    let mayBeOrigin = facts.handshake?.response?.status == 403 && facts.isCrossOrigin
    if let words, !mayBeOrigin || !words.lowercased().contains("origin") { return .refusalBody(words) }
    return mayBeOrigin ? .foreignOrigin : nil
  }

  /// A short plain text that says more than the status line: what programs say why, and not a page for a browser.
  private var words: String? {
    guard let body, let response = facts.handshake?.response,
      response["content-type"]?.lowercased().hasPrefix("text/plain") ?? false
    else { return nil }
    let words = body.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let letters = words.lowercased().filter(\.isLetter)
    guard words.count <= Self.mostWords, !letters.isEmpty,
      letters != response.reason.lowercased().filter(\.isLetter)
    else { return nil }
    return words
  }

  /// Characters of a reason; a longer text is a page.
  private static let mostWords = 300

  /// The first rule broken in the request that a server refuses with this status.
  private var violation: Violation? {
    guard let response = facts.handshake?.response else { return nil }
    let broken = facts.violations(of: .client).filter { $0.packet <= response.end.packet }
    return switch response.status {
    case 400: broken.first { !$0.rule.name.hasPrefix("http_") } ?? broken.first
    case 405: broken.first { $0.rule == HandshakeRule.methodNotGet }
    case 426: broken.first { Self.ofUpgrade.contains($0.rule) }
    case 505: broken.first { $0.rule == HandshakeRule.requestHTTPVersion }
    default: nil
    }
  }

  /// 426 asks for an upgrade, or for another version of the protocol (RFC 6455 §4.4).
  private static let ofUpgrade = [
    HandshakeRule.requestWithoutUpgrade, HandshakeRule.requestWithoutConnection, HandshakeRule.missingVersion,
    HandshakeRule.unknownVersion,
  ]
}
