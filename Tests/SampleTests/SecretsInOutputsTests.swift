import Foundation
import TestSupport
import Testing

/// No secret of a handshake is in any output unless it is asked for, wherever it stands.
@Suite("Secrets in outputs")
struct SecretsInOutputsTests {
  /// The outputs, and whether each shows fields of handshakes.
  enum Shown { case nothing, whatTextShows, everything }
  static let outputs: [([String], Shown)] = [
    ([], .whatTextShows), (["-l"], .whatTextShows), (["--frames"], .whatTextShows),
    (["--tcp"], .whatTextShows),
    (["--color", "always"], .whatTextShows), (["-q"], .nothing), (["--json"], .everything),
    (["--json", "-l"], .everything), (["--json", "--frames", "--tcp"], .everything),
    (["export", "--to", "json"], .everything),
    (["export", "--to", "json", "--frames", "--tcp"], .everything),
  ]

  /// Runs the tool over the capture of secrets.
  private func bytes(_ arguments: [String]) throws -> Data {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run(arguments + [folder.write(SecretHandshakes.packets.pcap())])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(!outcome.output.isEmpty)
    return outcome.output
  }

  @Test("Without being asked no output has one of them", arguments: outputs.map(\.0))
  func hidden(_ output: [String]) throws {
    let bytes = try bytes(output)
    for secret in SecretHandshakes.all {
      #expect(bytes.range(of: Data(secret.value.utf8)) == nil, "\(output): \(secret) is shown")
    }
  }

  @Test("With --show-secrets each output has all that it has a place for", arguments: outputs)
  func shown(_ output: [String], _ shown: Shown) throws {
    let bytes = try bytes(output + ["--show-secrets"])
    #expect(bytes.range(of: Data("[redacted".utf8)) == nil)
    for secret in SecretHandshakes.all {
      let isExpected = shown == .everything || shown == .whatTextShows && secret.isInText
      #expect((bytes.range(of: Data(secret.value.utf8)) != nil) == isExpected, "\(output): \(secret)")
    }
  }
}
