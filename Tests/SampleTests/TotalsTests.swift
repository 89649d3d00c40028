import Foundation
import TestSupport
import Testing
import WireBytes

/// Every total is the sum of the events, wherever it is shown.
@Suite("Totals")
struct TotalsTests {
  private static let capture = TroubledCapture()

  /// Runs the tool over the capture.
  private func run(_ arguments: String...) throws -> Tool.Outcome {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run(arguments + [folder.write(Self.capture.packets.pcap())])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    return outcome
  }

  @Test("The capture has something for every total to count")
  func everythingOccurs() throws {
    let events = try run("--json", "--frames").events()
    let closed = events.named("session_close")
    for name in [
      "messages", "frames", "bytes", "wire_bytes", "pings", "pongs", "lost_bytes", "unexplained_bytes",
    ] {
      for side in Side.allCases {
        #expect(
          closed.compactMap { $0.object(side.name)?.int(name) }.reduce(0, +) > 0, "\(name) of the \(side)")
      }
    }
    let outcomes = events.named("session_open").compactMap { $0.object("handshake")?.string("outcome") }
    #expect(Set(outcomes) == ["upgraded", "invalid", "rejected", "incomplete", "not_captured"])
    let severities = events.named("anomaly").compactMap { $0.string("severity") }
    #expect(Set(severities) == ["violation", "warning", "note"])
    #expect(closed.contains { $0.object("client")?.object("compression")?.int("messages") == 3 })
    #expect(closed.contains { $0.object("server")?.object("compression")?.int("messages") == 2 })
  }

  @Test("What a side is said to have sent is what it sent")
  func streams() throws {
    let events = try run("--json").events()
    let closed = events.named("session_close").sorted { $0.session < $1.session }
    let ports = events.openings.mapValues { $0.object("client")?.int("port") ?? 0 }
    #expect(closed.count == Self.capture.streamBytes.count)
    for close in closed {
      let sent = Self.capture.streamBytes[(ports[close.session] ?? 0) - 40_000]
      for side in Side.allCases {
        #expect(
          close.object(side.name)?.int("stream_bytes") == sent[side], "\(side) of session \(close.session)")
      }
    }
  }

  @Test("A session closes with the sums of its events")
  func sessions() throws {
    let events = try run("--json", "--frames").events()
    for close in events.named("session_close") {
      for side in Side.allCases {
        let own = events.filter { $0.session == close.session && $0.from == side.name }
        compare(try #require(close.object(side.name)), own, "\(side) of session \(close.session)")
      }
      for name in ["lost_bytes", "unexplained_bytes"] {
        let sides = Side.allCases.compactMap { close.object($0.name)?.int(name) }
        #expect(close.int(name) == sides.reduce(0, +), "\(name) of session \(close.session)")
      }
    }
  }

  private func compare(_ counts: Event, _ own: [Event], _ place: Comment) {
    let (messages, frames) = (own.named("message"), own.named("frame"))
    #expect(counts.int("messages") == messages.count, place)
    #expect(counts.int("bytes") == messages.sum("bytes"), place)
    #expect(counts.int("frames") == frames.count, place)
    #expect(counts.int("pings") == own.named("ping").count, place)
    #expect(counts.int("pongs") == own.named("pong").count, place)
    #expect(counts.int("pings") == frames.count { $0.int("opcode") == 9 }, place)
    #expect(counts.int("pongs") == frames.count { $0.int("opcode") == 10 }, place)
    #expect(counts.int("lost_bytes") == own.named("gap").sum("bytes"), place)
    let wire = frames.sum("header_bytes") + frames.sum("payload_bytes") - frames.sum("missing_bytes")
    #expect(counts.int("wire_bytes") == wire, place)
    let parts = ["wire_bytes", "lost_bytes", "unexplained_bytes"].compactMap { counts.int($0) }
    #expect(counts.int("stream_bytes") == parts.reduce(0, +), place)
    let inflated = messages.filter { $0.int("compressed_bytes") != nil }
    let compression = counts.object("compression")
    #expect(compression?.int("messages") ?? 0 == inflated.count, place)
    #expect(compression?.int("bytes") ?? 0 == inflated.sum("bytes"), place)
    #expect(compression?.int("compressed_bytes") ?? 0 == inflated.sum("compressed_bytes"), place)
    #expect(messages.sum("missing_bytes") <= counts.int("lost_bytes") ?? -1, place)
    // The last sign of life is in the last packet that brought a byte of it.
    let last = frames.compactMap { $0.int("last_packet") }.max()
    if let last { #expect(counts.int("last_packet") ?? 0 >= last, place) }
  }

  @Test("The capture's end has the sums of the sessions and of the packets")
  func captureEnd() throws {
    let events = try run("--json").events()
    let end = try #require(events.named("capture_end").first)
    let packets = Self.capture.packets
    #expect(end.int("sessions") == events.named("session_open").count)
    #expect(end.int("sessions") == events.named("session_close").count)
    #expect(end.int("packets") == packets.count)
    #expect(end.int("bytes") == packets.map(\.originalLength).reduce(0, +))
    #expect(end.int("connections") == Self.capture.streamBytes.count + 2)
    #expect(end.int("tls_connections") == 1)
    #expect(end.int("not_tcp") == 1)
    let undecodable = try #require(end.object("undecodable")).members.compactMapValues { $0 as? Int }
    #expect(undecodable == ["truncated_ip_header": 1, "truncated_link_header": 1])
    #expect(end.string("first_time") == "2026-11-20T09:12:03.000000000Z")
    #expect(end.int("messages_shortened") == 0)
    #expect(
      try run("--json", "--max-payload", "5").events().last?.int("messages_shortened")
        == events.named("message").count { $0.int("bytes") ?? 0 > 5 })
  }

  @Test("The totals of -q are the sums over the events")
  func quiet() throws {
    let events = try run("--json", "--frames").events()
    let lines = try run("-q").lines.map { String($0) }
    for (side, words) in [(Side.client, "client ▶"), (.server, "server ◀")] {
      let own = events.filter { $0.from == side.name }
      let (messages, frames) = (own.named("message"), own.named("frame"))
      let wire = frames.sum("header_bytes") + frames.sum("payload_bytes") - frames.sum("missing_bytes")
      let line =
        "  \(words)  \(messages.count) messages of \(messages.sum("bytes")) B, \(frames.count) frames of \(wire) B, "
        + "\(own.named("ping").count) pings, \(own.named("pong").count) pongs"
      #expect(lines.contains(line), "\(line)\n\(lines.joined(separator: "\n"))")
    }
    let closed = events.named("session_close")
    #expect(lines.contains("  \(events.named("gap").sum("bytes")) B of the sessions not in the capture"))
    #expect(lines.contains("  \(closed.sum("unexplained_bytes")) B that belong to no frame"))
    for severity in ["violation", "warning", "note"] {
      let count = events.named("anomaly").count { $0.string("severity") == severity }
      #expect(lines.contains("  \(count) \(severity)\(count == 1 ? "" : "s")"), "\(count) \(severity)")
    }
    let outcomes = events.named("session_open").compactMap { $0.object("handshake")?.string("outcome") }
    let counts = Dictionary(grouping: outcomes, by: { $0 }).mapValues(\.count)
    #expect(
      lines.contains(
        "\(outcomes.count) WebSocket sessions: \(counts["upgraded"] ?? 0) upgraded, \(counts["invalid"] ?? 0) invalid, "
          + "\(counts["rejected"] ?? 0) rejected, \(counts["incomplete"] ?? 0) incomplete, "
          + "\(counts["not_captured"] ?? 0) without a captured handshake"), "\(lines)")
    let end = try #require(events.last)
    #expect(lines.first?.hasPrefix("\(end.int("packets") ?? 0) packets, ") == true)
    #expect(
      lines.first?.hasSuffix(
        "; \(end.int("connections") ?? 0) TCP connections, 1 of them TLS and not decrypted") == true)
    for reason in ["truncated_ip_header", "truncated_link_header"] {
      #expect(lines.contains("  1 packet not understood: \(reason)"))
    }
  }

  @Test("The text closes sessions and the capture with the same sums")
  func text() throws {
    let events = try run("--json").events()
    let lines = try run().lines.map { String($0) }
    let closings = events.named("session_close")
    for close in closings {
      let outcome = events.openings[close.session]?.object("handshake")?.string("outcome") ?? ""
      guard !["rejected", "incomplete"].contains(outcome) else { continue }
      let sums = ["client", "server"].map { side in { close.object(side)?.int($0) ?? -1 } }
      var words = ", \(sums[0]("messages")) ▶ \(sums[1]("messages")) ◀ messages"
      let (lost, unexplained) = (close.int("lost_bytes") ?? 0, close.int("unexplained_bytes") ?? 0)
      if close.object("client")?.object("compression") != nil { words += ", deflate 0.7× ▶ 0.7× ◀" }
      if lost > 0 { words += ", \(lost) B not in the capture" }
      if unexplained > 0 { words += ", \(unexplained) B that belong to no frame" }
      #expect(lines.contains { $0.hasPrefix("  #\(close.session) ") && $0.hasSuffix(words) }, "\(words)")
    }
    let end = try #require(events.last)
    let last = try #require(lines.last)
    #expect(last.hasPrefix("\(end.int("packets") ?? 0) packets in "))
    #expect(
      last.hasSuffix(
        ", \(end.int("connections") ?? 0) TCP connections, \(closings.count) WebSocket sessions, "
          + "1 TLS connection not decrypted, 1 packet not understood (truncated_link_header), "
          + "1 packet not understood (truncated_ip_header)"), "\(last)")
  }
}
