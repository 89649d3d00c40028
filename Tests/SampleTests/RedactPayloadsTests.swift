import Foundation
import TestSupport
import Testing

/// What `--redact-payloads` hides is in no output, in whatever form.
@Suite("--redact-payloads in outputs")
struct RedactPayloadsTests {
  private static let names = ["--redact-payloads", "Password,api_key"]

  private func run(_ arguments: [String]) throws -> Tool.Outcome {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run(arguments + [folder.write(SecretPayloads.packets.pcap())])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    return outcome
  }

  /// All that a reader can read in an output: base64 and hexadecimal, too.
  private func readable(_ text: String) -> String {
    var texts = [text]
    for match in text.matches(of: /"base64":"([^"]*)"/) {
      texts.append(Data(base64Encoded: String(match.1)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }
    for match in text.matches(of: /(?:[0-9a-f]{2} )+[0-9a-f]{2}/) {
      texts.append(
        String(decoding: match.0.split(separator: " ").compactMap { UInt8($0, radix: 16) }, as: UTF8.self))
    }
    return texts.joined(separator: "\n")
  }

  static let outputs =
    SecretsInOutputsTests.outputs.map(\.0) + [
      ["--no-inflate"], ["--max-payload", "30"], ["--json", "--max-payload", "30"],
      ["--json", "--max-payload", "3"], ["--json", "--no-inflate"],
      ["--memory", "1M"],
    ]

  @Test("No output has a value that is hidden", arguments: outputs)
  func hidden(_ output: [String]) throws {
    let shown = readable(try run(output + Self.names).text)
    for value in SecretPayloads.values { #expect(!shown.contains(value), "\(output): \(value) is shown") }
  }

  @Test("Without the option all values are shown, and with it all that is not named")
  func others() throws {
    let (without, with) = (
      readable(try run(["--json"]).text), readable(try run(["--json"] + Self.names).text)
    )
    // Of one the capture has only the start.
    #expect(SecretPayloads.values.filter { !without.contains($0) } == ["zvcut21"])
    #expect(SecretPayloads.others.filter { !with.contains($0) } == [])
  }

  @Test("Lengths are those of what was sent, and what is changed is marked")
  func lengths() throws {
    let (without, with) = (try run(["--json"]).events(), try run(["--json"] + Self.names).events())
    #expect(without.count == with.count)
    for (sent, shown) in zip(without, with) {
      #expect(sent.name == shown.name)
      for field in ["bytes", "wire_bytes", "shown_bytes", "missing_bytes", "first_packet"] {
        #expect(sent.int(field) == shown.int(field), "\(sent.name) \(field)")
      }
      let isChanged =
        sent.string("text") != shown.string("text") || sent.string("base64") != shown.string("base64")
      if ["message", "ping", "pong"].contains(sent.name) {
        #expect((shown.bool("redacted") ?? false) == isChanged)
      }
    }
  }

  @Test("JSON in a text is still JSON")
  func valid() throws {
    for event in try run(["--json"] + Self.names).events() where event.name == "message" {
      guard let text = event.string("text"), text.hasPrefix("{"), !text.contains("\u{1e}"),
        !text.contains("{\"n\":1}\n"), event.bool("complete") != false
      else { continue }
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }
  }

  @Test("A Close that repeats a hidden value does not show it, in any place")
  func close() throws {
    let text = try run(Self.names).text.withoutMarks
    #expect(text.contains("\"[redacted] and [redacted] are not right\""))
    #expect(text.contains("{\"password\":\"[redacted]\",\"why\":\"wrong\"}"))
  }

  @Test("Findings that quote a payload do not show it")
  func findings() throws {
    let capture = "Tests/Cases/framing/out-of-step-names-wrong-closer.pcap"
    let sent = try Tool.run(["--json", capture]).text
    let shown = try Tool.run(["--json", "--redact-payloads", "n", capture]).text
    #expect(sent.contains(#"\"n\":0"#))
    #expect(!shown.contains(#"\"n\":0"#) && !shown.contains(#"\"n\":1"#))
  }

  @Test("Names are checked, and packets cannot be written with something hidden")
  func refused() throws {
    for names in ["", ",", "--", "a,-"] {
      let outcome = try Tool.run(["--redact-payloads=\(names)", "x.pcap"])
      #expect(outcome.status == 2, "\(names): \(outcome.errors)")
    }
    let outcome = try Tool.run(["live", "-i", "lo", "-w", "x.pcapng", "--redact-payloads", "a"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("-w"))
  }
}
