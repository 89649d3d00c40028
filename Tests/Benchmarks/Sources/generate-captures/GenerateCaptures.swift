import CommandLineSupport

/// Writes one deterministic capture and prints what is in it: the same options, the same bytes.
@main
struct GenerateCaptures {
  static let usage = """
    usage: generate-captures --kind small|large|mixed|deflate|deflate-12|deflate-12-long --output FILE
                             [--payloads FILE] [--size BYTES] [--seed N] [--pcapng]

      small    2,000 open connections, JSON messages of 60-200 bytes in single frames
      large    50 open connections, frames of 64 KiB in segments of 1,448 bytes
      mixed    one packet in twenty of WebSocket; TLS, HTTP, QUIC, SSH and DNS around it
      deflate  200 open connections, the small messages with permessage-deflate
      deflate-12, deflate-12-long   the same with windows of 12 bits; with messages of 1 to 8 KB

      --payloads  what was compressed, for deflate-floor
      --size   about how long the file gets (1G; k, M, G are powers of ten); a little longer, because
               every connection is closed properly before the end
      --seed   another capture of the same kind (1)
      --pcapng the same packets in a pcapng file
    """

  static func main() {
    let arguments = Arguments(
      valued: ["--kind", "--output", "--payloads", "--size", "--seed"], flags: ["--pcapng"], usage: usage)
    guard let kind = arguments["--kind"], let path = arguments["--output"] else { fail(usage, status: 2) }
    let size = arguments.size("--size") ?? 1_000_000_000
    let seed = UInt64(arguments.number("--seed") ?? 1)

    // Mean time between packets: a link of about 100 Mbit/s for small packets, 1 Gbit/s for full ones.
    var capture = Capture(
      path: path, payloads: arguments["--payloads"], isPcapng: arguments.has("--pcapng"), size: size,
      seed: seed,
      meanInterval: kind == "large" || kind == "mixed" ? 9 : 15)
    switch kind {
    case "small": fill(&capture, with: SmallMessages.self, connections: 2_000)
    case "large": fill(&capture, with: LargeMessages.self, connections: 50)
    case "deflate": fill(&capture, with: DeflatedMessages<WholeWindow>.self, connections: 200)
    case "deflate-12": fill(&capture, with: DeflatedMessages<SmallWindow>.self, connections: 200)
    case "deflate-12-long":
      fill(&capture, with: DeflatedMessages<SmallWindowLongMessages>.self, connections: 200)
    case "mixed": fillMixed(&capture)
    default: fail("unknown kind \(kind)\n\(usage)", status: 2)
    }
    capture.finish()
    say(capture.counts.description)
  }

  private static func fill<Content: MessageContent>(
    _ capture: inout Capture, with content: Content.Type, connections: Int
  ) {
    var pool = ConversationPool<TCPConversation<WebSocketScript<Content>>>(capacity: connections)
    repeat { pool.step(in: &capture) } while !pool.isEmpty
    capture.counts.webSocketPackets = capture.counts.packets
  }

  private static func fillMixed(_ capture: inout Capture) {
    var traffic = MixedTraffic()
    repeat { traffic.step(in: &capture) } while !capture.isEnding || traffic.hasOpenSessions
  }
}
