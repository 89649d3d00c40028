import HTTP1
import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// Every rule that is checked: the source of both `wstap rules` and docs/rules.md.
package enum RuleCatalog {
  /// Rules that are checked at the same stage.
  package struct Chapter: Sendable {
    /// Its heading.
    package let title: String
    /// An introduction to the table, in Markdown.
    package let preface: String
    /// In the order in which they are checked.
    package let rules: [Rule]
    /// Text that follows the table, in Markdown; usually empty.
    package let remark: String
  }

  package static let chapters: [Chapter] = [
    Chapter(
      title: "The opening handshake",
      preface: """
        `HandshakeRule`. Checked once an upgrade request has been answered, or can no longer be answered.
        """,
      rules: HandshakeRule.all,
      remark: """
        A 101 with `response_without_upgrade`, `response_without_connection_upgrade`, `missing_accept`, `wrong_accept`,
        `several_subprotocols`, `subprotocol_not_offered`, `extension_not_offered` or (in the response)
        `malformed_extensions` makes the handshake's outcome `invalid`: the client must fail the connection. Frames that
        follow are decoded anyway.
        """),
    Chapter(
      title: "The negotiation of permessage-deflate",
      preface: """
        `DeflateRule`. Checked with the handshake, on both sides. In a response, every rule except `deflate_frame` and
        `deflate_invalid_offer_accepted` makes the outcome `invalid`. A response is compared with every valid offer
        and is correct when it matches one of them.
        """,
      rules: DeflateRule.all, remark: ""),
    Chapter(
      title: "HTTP/1.x",
      preface: """
        `HTTPRule`. `http_bare_lf`, `http_bare_cr`, `http_folded_field`, `http_field_syntax` and `http_length_and_coding` are reported
        when one of the two heads of a handshake breaks them. Elsewhere on a connection there is no session to report
        them for: these rules are checked but not reported yet.
        """,
      rules: HTTPRule.all, remark: ""),
    Chapter(
      title: "Framing and messages",
      preface: """
        `FramingRule`. Checked for each side separately. A side is not blamed for what a `gap` explains: a continuation
        frame whose first fragment is in the gap is no violation, and a compressed message that refers to a missing one
        is `compression_context_lost`.
        """,
      rules: FramingRule.allCases.map(\.rule), remark: ""),
    Chapter(
      title: "The session",
      preface: """
        `SessionRule`. Found by looking at both sides together. A side is blamed for a missing answer only when everything
        that it sent was captured. A Close counts as unanswered when both sides sent FIN, or when the side that owed
        the answer sent RST; a Ping when the side that owed the Pong went on sending for 5 s or more. A
        `reconnect_storm` is five reconnects of one client to one server and path within 10 s, where each session was lost
        in its turn.
        """,
      rules: SessionRule.all, remark: ""),
    Chapter(title: "TCP", preface: "`TCPRule`.", rules: TCPRule.all, remark: ""),
  ]

  /// docs/rules.md.
  package static var markdown: String {
    var text = """
      # Rules

      What wstap checks: the `rule`, `severity` and `reference` of each `anomaly` event
      ([json.md](json.md#anomaly)). *Meaning* says what was found when the rule is reported; the event's `detail` has
      the values. An anomaly precedes the message or control frame that it concerns.

      `wstap rules` prints these tables; this file is the output of `wstap rules --markdown`.

      | severity | means |
      |---|---|
      | violation | a MUST of a specification is broken |
      | warning | legal, or uncertain, but likely to cause trouble |
      | note | worth knowing |

      Each rule of framing and of the opening handshake, and `pong_payload_differs`, is reported at most 64 times for each side of a
      session, and `zero_masking_key`, `constant_masking_key` and `window_exceeded` once. `anomalies_not_listed` in `session_close` has the total of each rule
      that was broken more than 64 times.

      """
    for chapter in chapters {
      text += "\n## \(chapter.title)\n\n\(chapter.preface)\n\n"
      text += "| rule | severity | reference | meaning |\n|---|---|---|---|\n"
      for rule in chapter.rules {
        let reference = rule.reference.isEmpty ? "–" : rule.reference
        text += "| `\(rule.name)` | \(rule.severity.rawValue) | \(reference) | \(rule.meaning) |\n"
      }
      if !chapter.remark.isEmpty { text += "\n\(chapter.remark)\n" }
    }
    return text
  }

  /// The tables for a terminal.
  package static var text: String {
    let rules = chapters.flatMap(\.rules)
    let widths = [
      rules.map(\.name.count).max() ?? 0, rules.map(\.severity.rawValue.count).max() ?? 0,
    ]
    var text = ""
    for chapter in chapters {
      text += (text.isEmpty ? "" : "\n") + "\(chapter.title)\n"
      for rule in chapter.rules {
        let reference = rule.reference.isEmpty ? "" : " (\(rule.reference))"
        text += "  \(padded(rule.name, widths[0]))  \(padded(rule.severity.rawValue, widths[1]))  "
        text += "\(rule.meaning)\(reference)\n"
      }
    }
    return text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
