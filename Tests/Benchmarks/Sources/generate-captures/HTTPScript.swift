/// HTTP/1.1 with keep-alive: a page's requests over one connection, bodies with a length or in chunks.
struct HTTPScript: TCPScript {
  let closesFirst = Side.client

  private var remainingRequests: Int
  private var isAnswering = false

  static func server(random: inout SplitMix64) -> Endpoint {
    Endpoint(198, 51, 100, UInt8(10 + random.below(20)), port: 80)
  }

  init(in capture: inout Capture) {
    remainingRequests = capture.random.within(1...20)
  }

  mutating func speak(into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture) -> Bool {
    if isAnswering {
      appendResponse(to: &outboxes.server, random: &capture.random)
      isAnswering = false
      return true
    }
    if remainingRequests == 0 { return false }
    remainingRequests -= 1
    outboxes.client.append("GET /assets/")
    appendDecimal(capture.random.below(1_000_000), to: &outboxes.client)
    outboxes.client.append(
      """
      .js HTTP/1.1\r\nHost: www.example.com\r\nConnection: keep-alive\r\nAccept: */*\r\n\
      User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0\r\nAccept-Encoding: identity\r\n\r\n
      """)
    isAnswering = true
    return true
  }

  private func appendResponse(to bytes: inout [UInt8], random: inout SplitMix64) {
    bytes.append("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nConnection: keep-alive\r\n")
    if random.oneIn(4) {
      bytes.append("Content-Type: image/webp\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<random.within(1...8) {
        bytes.append("1000\r\n")
        random.appendBytes(0x1000, to: &bytes)
        bytes.append("\r\n")
      }
      bytes.append("0\r\n\r\n")
    } else {
      let length = random.within(500...60_000)
      bytes.append("Content-Type: text/javascript\r\nContent-Length: ")
      appendDecimal(length, to: &bytes)
      bytes.append("\r\n\r\n")
      let end = bytes.count + length
      Vocabulary.append(upTo: end, to: &bytes, random: &random)
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "\n"), count: end - bytes.count))
    }
  }
}
