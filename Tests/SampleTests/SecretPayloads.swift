import TestSupport
import WireBytes

/// A capture whose payloads have members `password` and `apiKey` in every form that messages have.
enum SecretPayloads {
  /// Values that must not be shown with `--redact-payloads password,api_key`. Each is unlike anything else in the capture.
  static let values = [
    "zvtext01", "zvescaped02", "zvobject04", "zvarray05", "zvnested06", "zvtwice07",
    "zvsocket08", "zvsignalr09",
    "zvsignalr10", "zvstomp11", "zvlines12", "zvgraphql13", "zvgraphql14", "zvbinary15", "zvlong16",
    "zvping17", "zvpong18",
    "zvfragment19", "zvlost20", "zvcut21", "zvclose22", "zvunicode23", "zvpretty24", "zvunfinished25",
    "zvmidstream26", "zv7q",
    "8675309017",
  ]

  /// What stays.
  static let others = ["ann", "room-5", "destination:/queue/a", "subscribe"]

  static let packets: [Packet] = {
    var (now, port) = (CaptureTime.testStart, UInt16(41_000))
    func connection(_ body: (inout TCPConversation) -> Void) -> [Packet] {
      var tcp = TCPConversation(client: TestEndpoint("10.0.0.1", port), start: now)
      body(&tcp)
      tcp.close()
      (port, now) = (port + 1, tcp.now.advanced(milliseconds: 100))
      return tcp.packets
    }
    return connection(talk) + connection(lost) + connection(closeWithMember) + connection(unfinished)
      + midstream(connection(joined))
  }()

  private static let texts = [
    #"{"user":"ann","password":"zvtext01","room":"room-5"}"#,
    #"{"\u0070ass\u0077ord":"zv\u0065scaped02 zvescaped02"}"#,
    #"{"password":8675309017,"apiKey":-0.5,"x":"zvnumber"}"#,
    #"{"api-key":{"a":"}","b":["zvobject04"]},"n":1}"#,
    #"{"API_KEY":["zvarray05",{"c":"]"}],"n":1}"#,
    #"{"data":"{\"password\":\"zvnested06\",\"n\":1}"}"#,
    #"["{\"d\":\"{\\\"password\\\":\\\"zvtwice07\\\"}\"}"]"#,
    #"42["login",{"password":"zvsocket08"}]"#,
    "{\"type\":1,\"arguments\":[{\"password\":\"zvsignalr09\"}]}\u{1e}{\"apikey\":\"zvsignalr10\"}\u{1e}",
    "SEND\ndestination:/queue/a\n\n{\"password\":\"zvstomp11\"}\0",
    "{\"n\":1}\n{\"password\":\"zvlines12\"}\n",
    #"{"type":"subscribe","payload":{"query":"{ login(password: \"zvgraphql13\") }","variables":{"password":"zvgraphql14"}}}"#,
    #"{"data":"{\u0022password\u0022:\u0022zvunicode23\u0022}"}"#,
    "{\n  \"password\":\n    \"zvpretty24\"\n}",
    #"{"password":"zv7q"}"#,
  ]

  private static func talk(_ tcp: inout TCPConversation) {
    tcp.upgrade()
    for text in texts { tcp.text(from: .client, text) }
    tcp.send(
      from: .server, frame(0x82, [0, 0xFF] + Array(#"{"password":"zvbinary15"}"#.utf8), isMasked: false))
    tcp.text(from: .server, #"{"password":"\#(String(repeating: "zvlong16 ", count: 1000))"}"#)
    tcp.send(from: .server, frame(0x89, Array(#"{"password":"zvping17"}"#.utf8), isMasked: false))
    tcp.send(from: .client, frame(0x8A, Array(#"{"password":"zvpong18"}"#.utf8), isMasked: true))
    tcp.send(from: .client, frame(0x01, Array(#"{"passw"#.utf8), isMasked: true))
    tcp.send(from: .client, frame(0x80, Array(#"ord":"zvfragment19"}"#.utf8), isMasked: true))
    tcp.send(
      from: .server,
      frame(0x88, [0x0F, 0xA0] + Array("zvtext01 and zv7q are not right".utf8), isMasked: false))
  }

  /// The name of the member is not in the capture.
  private static func lost(_ tcp: inout TCPConversation) {
    tcp.upgrade()
    let message = frame(
      0x81,
      Array(
        (#"{"user":"ann","text":""# + String(repeating: "x", count: 300) + #"","password":"zvlost20"}"#).utf8),
      isMasked: false)
    tcp.send(from: .server, message[..<100])
    tcp.lose(message.count - 120, from: .server)
    tcp.send(from: .server, message[(message.count - 20)...])
    tcp.text(from: .client, "ok")
    tcp.acknowledge(from: .client)
  }

  private static func closeWithMember(_ tcp: inout TCPConversation) {
    tcp.upgrade()
    tcp.text(from: .client, #"{"user":"ann"}"#)
    tcp.send(
      from: .server,
      frame(0x88, [0x0F, 0xA0] + Array(#"{"password":"zvclose22","why":"wrong"}"#.utf8), isMasked: false))
  }

  private static func unfinished(_ tcp: inout TCPConversation) {
    tcp.upgrade()
    let message = frame(
      0x81, Array(#"{"user":"ann","password":"zvunfinished25 zvcut21"}"#.utf8), isMasked: false)
    tcp.send(from: .server, message.dropLast(8))
  }

  private static func joined(_ tcp: inout TCPConversation) {
    tcp.upgrade()
    for _ in 0..<12 {
      tcp.text(from: .client, #"{"password":"zvmidstream26"}"#)
      tcp.text(from: .server, #"{"password":"zvmidstream26"}"#)
    }
  }

  /// Without the first packets.
  private static func midstream(_ packets: [Packet]) -> [Packet] { Array(packets.dropFirst(5)) }
}
