/// An SSH-like connection: banners, then keystrokes and screen output in encrypted packets.
struct SSHScript: TCPScript {
  private enum Phase { case banners, keys, open, closed }

  let closesFirst = Side.client

  private var phase = Phase.banners
  private var remainingTurns: Int

  static func server(random: inout SplitMix64) -> Endpoint {
    Endpoint(198, 51, 100, UInt8(200 + random.below(4)), port: 22)
  }

  init(in capture: inout Capture) {
    remainingTurns = capture.random.within(100...2_000)
  }

  mutating func speak(into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture) -> Bool {
    switch phase {
    case .banners:
      outboxes.client.append("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
      outboxes.server.append("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n")
      phase = .keys
    case .keys:
      capture.random.appendBytes(1_200, to: &outboxes.client)
      capture.random.appendBytes(1_100, to: &outboxes.server)
      phase = .open
    case .open where remainingTurns == 0:
      capture.random.appendBytes(36, to: &outboxes.client)
      phase = .closed
    case .open:
      remainingTurns -= 1
      if capture.random.oneIn(2) {
        capture.random.appendBytes(36, to: &outboxes.client)
      } else {
        capture.random.appendBytes(capture.random.within(1...30) * 16 + 20, to: &outboxes.server)
      }
    case .closed:
      return false
    }
    return true
  }
}
