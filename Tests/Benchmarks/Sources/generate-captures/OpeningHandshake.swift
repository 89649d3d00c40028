/// The HTTP/1.1 upgrade of RFC 6455 §4 as a browser and a server behind nginx write it, with a key of its
/// own for every connection, so that nothing about it can be remembered from the one before.
struct OpeningHandshake {
  let request: [UInt8]
  let response: [UInt8]

  init(extensions: String?, random: inout SplitMix64) {
    var nonce: [UInt8] = []
    random.appendBytes(16, to: &nonce)
    let key = base64(nonce)
    let accept = base64(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))

    var requestLines = [
      "GET /live/\(random.below(10_000))?v=2 HTTP/1.1",
      "Host: ws.example.com",
      "Connection: Upgrade",
      "Pragma: no-cache",
      "Cache-Control: no-cache",
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
      "Upgrade: websocket",
      "Origin: https://www.example.com",
      "Sec-WebSocket-Version: 13",
      "Accept-Encoding: gzip, deflate",
      "Accept-Language: en-US,en;q=0.9",
      "Cookie: session=\(random.next()); theme=dark",
      "Sec-WebSocket-Key: \(key)",
    ]
    var responseLines = [
      "HTTP/1.1 101 Switching Protocols",
      "Server: nginx/1.22.1",
      "Date: Fri, 21 Nov 2025 00:00:00 GMT",
      "Connection: upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Accept: \(accept)",
    ]
    if let extensions {
      let offersWindow = extensions.hasSuffix("client_max_window_bits=12")
      requestLines.append(
        "Sec-WebSocket-Extensions: \(extensions)" + (offersWindow ? "" : "; client_max_window_bits"))
      responseLines.append("Sec-WebSocket-Extensions: \(extensions)")
    }
    request = Self.head(requestLines)
    response = Self.head(responseLines)
  }

  private static func head(_ lines: [String]) -> [UInt8] {
    Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }
}
