import HTTP1
import SessionTimeline
import WebSocketDecoding
import WireBytes

/// Every rule that is checked, for `wstap rules` and docs/rules.md: one source for both.
package enum RuleCatalog {
  /// Rules that are judged at the same place.
  package struct Chapter: Sendable {
    /// Its heading.
    package let title: String
    /// What a reader should know before the table; Markdown.
    package let preface: String
    /// In the order of the checks.
    package let rules: [Rule]
    /// What follows the table; Markdown, mostly empty.
    package let remark: String
  }

  package static let chapters: [Chapter] = [
    Chapter(
      title: "The opening handshake",
      preface: """
        `HandshakeRule`. Checked when a request for an upgrade to WebSocket was answered, or can no longer be.
        """,
      rules: HandshakeRule.all,
      remark: """
        A 101 with `response_without_upgrade`, `response_without_connection_upgrade`, `missing_accept`, `wrong_accept`,
        `several_subprotocols`, `subprotocol_not_offered`, `extension_not_offered` or (in the response)
        `malformed_extensions` makes the handshake's outcome `invalid`: a client must fail the connection. Its frames
        are decoded all the same.
        """),
    Chapter(
      title: "The negotiation of permessage-deflate",
      preface: """
        `DeflateRule`. Checked with the handshake, on both sides. In the response, each but `deflate_frame` and
        `deflate_invalid_offer_accepted` makes the outcome `invalid`. An acceptance is compared with every valid offer,
        and is right when it fits one of them.
        """,
      rules: DeflateRule.all, remark: ""),
    Chapter(
      title: "HTTP/1.x",
      preface: """
        `HTTPRule`. Of these, `http_bare_lf`, `http_folded_field`, `http_field_syntax` and `http_length_and_coding` are
        reported when they concern one of the two heads of a handshake. Elsewhere on a connection there is no session
        that an event could name: the rules are checked, but not reported yet.
        """,
      rules: HTTPRule.all, remark: ""),
    Chapter(
      title: "Framing and messages",
      preface: """
        `FramingRule`. Each side by itself. A side is not blamed for what a `gap` explains: a continuation whose first
        fragment is in the hole is no violation, and a compressed message that refers to a lost one is
        `compression_context_lost`.
        """,
      rules: FramingRule.allCases.map(\.rule), remark: ""),
    Chapter(
      title: "The session",
      preface: """
        `SessionRule`. What both sides together show. No side is blamed that may have answered unseen: all that it sent
        must be in the capture. A Close counts as unanswered when both sides sent their FIN, or the side that owed the
        answer sent a RST; a Ping when the side that owed the Pong went on sending for 5 s or more. A
        `reconnect_storm` is five reconnects of a client address to one server and path within 10 s.
        """,
      rules: SessionRule.all, remark: ""),
    Chapter(title: "TCP", preface: "`TCPRule`.", rules: TCPRule.all, remark: ""),
  ]

  /// docs/rules.md.
  package static var markdown: String {
    var text = """
      # Rules

      What wstap checks, and what it calls what it found: the `rule`, `severity` and `reference` of an `anomaly` event
      ([json.md](json.md#anomaly)). *Meaning* is what the rule asks for; the event's `detail` says what was seen. An
      anomaly of a message or control frame comes before it.

      `wstap rules` prints these tables; this file is what `wstap rules --markdown` prints.

      | severity | means |
      |---|---|
      | violation | a MUST of a specification is broken |
      | warning | legal, or not certain, but likely to hurt |
      | note | worth knowing |

      A framing rule that one side breaks again and again is reported 64 times, `zero_masking_key`,
      `constant_masking_key` and `window_exceeded` once; when a rule was broken more than 64 times, `session_close` says
      how often in `anomalies_not_listed`.

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
