import Glibc
import TestSupport
import Testing
import WebSocketCapture

@Suite struct WebSocketEventsTests {
  @Test("A chat: who asked whom, every message word for word, how it ended")
  func chat() throws {
    let events = Array(try WebSocketEvents(path: sample("chat")))

    guard case .sessionOpened(let opened) = events.first else {
      Issue.record("the first event is \(String(describing: events.first))")
      return
    }
    #expect(opened.session == 1 && opened.packet == 6 && opened.outcome == .upgraded)
    #expect(opened.url == "ws://localhost:8181/" && opened.server.port == 8181)
    #expect(opened.client.ip == "127.0.0.1" && opened.server.description == "127.0.0.1:8181")
    #expect(opened.request?.packet == 4 && opened.request?.method == "GET")
    #expect(opened.response?.status == 101 && opened.response?.reason == "Switching Protocols")
    #expect(opened.handshake?.isAcceptValid == true && opened.handshake?.origin == "http://localhost")

    #expect(
      events.messages.map { "\($0.from) \($0.text ?? "-")" } == [
        "client nick 999", #"server {"type":"nick","message":"新用户:999"}"#,
        "client 大家好", #"server {"type":"chat","nick":"999","message":"大家好"}"#,
        "client hello 👋🏽 from the client",
        #"server {"type":"chat","nick":"999","message":"hello 👋🏽 from the client"}"#,
        "client anyone here?", #"server {"type":"chat","nick":"999","message":"anyone here?"}"#,
        #"server {"type":"chat","nick":"bot","message":"好问题 🤔"}"#,
        "client /who", #"server {"type":"who","message":["999"]}"#,
        "client 👩‍👩‍👧‍👦 family emoji: one grapheme, 25 bytes",
        #"server {"type":"chat","nick":"999","message":"👩‍👩‍👧‍👦 family emoji: one grapheme, 25 bytes"}"#,
        "client bye", #"server {"type":"chat","nick":"999","message":"bye"}"#,
      ])
    let first = try #require(events.messages.first)
    #expect(first.firstPacket == 8 && first.lastPacket == 8 && first.frames == 1 && first.isComplete)
    #expect(first.payload == Array("nick 999".utf8) && first.bytes == 8 && first.wireBytes == 14)

    let closed = try #require(events.closed.first)
    #expect(closed.how == .closeHandshake && closed.closedBy == .client && closed.code == 1000)
    #expect(closed.client.messages == 7 && closed.server.messages == 8)
    #expect(closed.duration > .zero && closed.duration < .seconds(60))

    guard case .captureEnded(let capture) = events.last else {
      Issue.record("the last event is \(String(describing: events.last))")
      return
    }
    #expect(capture.packets == 37 && capture.connections == 1 && capture.sessions == 1)
    #expect(capture.damage.isEmpty)
    #expect(events.dropLast().allSatisfy { $0.session == 1 } && events.last?.session == nil)
  }

  @Test("Close frames carry code, name and reason")
  func closeFrames() throws {
    let closes: [WebSocketClose] = try WebSocketEvents(path: sample("chat")).compactMap {
      if case .close(let close) = $0 { close } else { nil }
    }
    #expect(closes.map(\.from) == [.client, .server] && closes.map(\.packet) == [31, 32])
    #expect(closes.allSatisfy { $0.code == 1000 && $0.codeName == "normal_closure" && $0.reason == "bye" })
  }

  @Test("A pong names the ping that it answers")
  func pings() throws {
    var pings: [UInt64: [UInt8]] = [:]
    var answered = 0
    for event in try WebSocketEvents(path: sample("fragments")) {
      switch event {
      case .ping(let ping):
        pings[ping.packet] = ping.payload
        #expect(ping.bytes == UInt64(ping.payload.count) && ping.missingBytes == 0)
      case .pong(let pong):
        let ping = try #require(pong.answersPacket)
        #expect(pings[ping] == pong.payload)
        #expect(try #require(pong.roundTrip) > .zero)
        answered += 1
      default: break
      }
    }
    #expect(answered == pings.count && answered > 4)
    #expect(pings[9] == Array("client-1".utf8) && pings[42]?.isEmpty == true)
  }

  @Test("A refused upgrade is a session without messages")
  func rejected() throws {
    let events = Array(try WebSocketEvents(path: sample("rejected")))
    #expect(events.opened.map(\.response?.status) == [403, 426, 200, 401, 302])
    #expect(events.opened.allSatisfy { $0.outcome == .rejected } && events.messages.isEmpty)
  }

  @Test("Anomalies name side, packet and rule")
  func anomalies() throws {
    let found = try WebSocketEvents(path: sample("client-breaks-rules")).anomalies
    let unmasked = try #require(found.first { $0.rule == "unmasked_client_frame" })
    #expect(unmasked.from == .client && unmasked.packet == 10 && unmasked.severity == .violation)
    #expect(unmasked.reference?.hasPrefix("RFC 6455") == true && !unmasked.meaning.isEmpty)
  }

  @Test("A TCP reset without a Close frame")
  func reset() throws {
    let closed = try #require(try WebSocketEvents(path: sample("server-rst")).closed.first)
    #expect(closed.how == .rst && closed.closedBy == .server && closed.code == nil && closed.packet == 19)
    #expect(!closed.verdict.isEmpty && !closed.evidence.isEmpty)
  }

  // MARK: Reading

  @Test("Who wants two events reads no more than their packets, and may go on later")
  func earlyStop() throws {
    let capture = try WebSocketEvents(path: sample("chat"))
    let beginning = Array(capture.prefix(2))
    #expect(beginning.count == 2 && beginning.opened.count == 1)
    #expect(beginning.messages.map(\.text) == ["nick 999"])

    let rest = Array(capture)
    #expect(rest.messages.count == 14 && rest.ended.count == 1)
    #expect(Array(capture).isEmpty)
  }

  @Test("After the end there are no events, however often somebody asks")
  func afterTheEnd() throws {
    var iterator = try WebSocketEvents(path: sample("server-rst")).makeIterator()
    while iterator.next() != nil {}
    #expect(iterator.next() == nil && iterator.next() == nil)
  }

  @Test("Events may leave the task that reads")
  func sendable() async throws {
    let texts = try await Task {
      try WebSocketEvents(path: sample("chat")).messages.compactMap(\.text)
    }.value
    #expect(texts.count == 15)
  }

  // MARK: Options

  @Test("Frames come when they are asked for")
  func frames() throws {
    var options = WebSocketEvents.Options()
    options.includesFrames = true
    let frames = try WebSocketEvents(path: sample("chat"), options: options).frames
    #expect(frames.count == 17)
    let first = try #require(frames.first)
    #expect(first.packet == 8 && first.opcode == 1 && first.fin && !first.rsv1 && first.from == .client)
    #expect(first.maskingKey?.count == 4 && first.headerBytes == 6 && first.payloadBytes == 8)
    #expect(first.payload == Array("nick 999".utf8))
    #expect(frames.first { $0.from == .server }?.maskingKey == nil)
    #expect(try WebSocketEvents(path: sample("chat")).frames.isEmpty)
  }

  @Test(
    "Each bit of a frame's first byte by its own name", arguments: [0x80, 0x40, 0x20, 0x10, 0] as [UInt8])
  func firstByte(bit: UInt8) throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.send(from: .server, [bit | 2, 3, 1, 2, 3])
    tcp.close()
    var options = WebSocketEvents.Options()
    options.includesFrames = true
    let frame = try #require(try events(of: tcp.packets, options).frames.first)
    #expect([frame.fin, frame.rsv1, frame.rsv2, frame.rsv3] == [0x80, 0x40, 0x20, 0x10].map { $0 == bit })
    #expect(frame.opcode == 2 && frame.headerBytes == 2 && frame.payloadBytes == 3)
    #expect(frame.payload == [1, 2, 3] && frame.missingBytes == 0)
  }

  @Test("A shortened payload keeps its length, and its text ends with a whole character", arguments: 0..<12)
  func shortened(maximum: Int) throws {
    var options = WebSocketEvents.Options()
    options.maximumPayload = maximum
    for story in ["chat", "fragments", "deflate"] {
      let whole = try WebSocketEvents(path: sample(story)).messages
      let short = try WebSocketEvents(path: sample(story), options: options).messages
      #expect(short.map(\.bytes) == whole.map(\.bytes))
      for (short, whole) in zip(short, whole) {
        #expect(short.payload == Array(whole.payload.prefix(maximum)))
        guard let text = whole.text else { continue }
        #expect(!text.isEmpty || short.text == "")
        let shown = try #require(short.text)
        #expect(text.unicodeScalars.starts(with: shown.unicodeScalars))
        #expect(shown.utf8.count > maximum - 4 || shown.utf8.count == text.utf8.count)
      }
    }
  }

  @Test("Without inflation compressed messages show what was sent")
  func deflated() throws {
    var options = WebSocketEvents.Options()
    options.inflates = false
    let raw = try WebSocketEvents(path: sample("deflate"), options: options).messages
    let inflated = try WebSocketEvents(path: sample("deflate")).messages
    #expect(raw.count == 72 && inflated.count == 72)
    #expect(inflated.allSatisfy { $0.isInflated } && inflated.contains { $0.isCompressed })
    for (raw, inflated) in zip(raw, inflated) {
      #expect(raw.isInflated == !inflated.isCompressed)
      if !inflated.isCompressed { #expect(raw.payload == inflated.payload) }
    }
  }

  // MARK: Damage

  @Test("A file that is not there is an error that names it")
  func missing() {
    let error = #expect(throws: WebSocketEvents.CaptureError.self) {
      try WebSocketEvents(path: "/nowhere/capture.pcap")
    }
    #expect(error?.description == "cannot open /nowhere/capture.pcap: No such file or directory")
  }

  @Test("A path that is not UTF-8 is opened by its bytes") func pathBytes() throws {
    let path = Array("/tmp/wstap-\(UInt64.random(in: .min ... .max))-".utf8) + [0xE9]
    let name = path.map { CChar(bitPattern: $0) } + [0]
    try #require(unsafe symlink(sample("chat"), name) == 0)
    defer { unsafe unlink(name) }
    #expect(Array(try WebSocketEvents(pathBytes: path)).messages.count == 15)
    let error = #expect(throws: WebSocketEvents.CaptureError.self) {
      try WebSocketEvents(pathBytes: path + [0xEA])
    }
    #expect(error?.description.hasSuffix("-\\xe9\\xea: No such file or directory") == true)
  }

  @Test("A file that is no capture is an error")
  func noCapture() throws {
    try withFile(Array("GIF89a, not a capture at all".utf8)) { path in
      let error = #expect(throws: WebSocketEvents.CaptureError.self) { try WebSocketEvents(path: path) }
      #expect(error?.description.contains("has an unknown file format") == true)
    }
  }

  @Test("A capture of a link type that is not supported is an error that says which")
  func linkType() throws {
    var bytes = try contents(of: sample("chat"))
    bytes[20] = 189
    try withFile(bytes) { path in
      let error = #expect(throws: WebSocketEvents.CaptureError.self) { try WebSocketEvents(path: path) }
      #expect(error?.description.contains("USB_LINUX (189)") == true)
    }
  }

  @Test("A capture that was cut gives its events up to there, and says so at the end")
  func cut() throws {
    let bytes = try contents(of: sample("chat"))
    try withFile(Array(bytes.prefix(2000))) { path in
      let events = Array(try WebSocketEvents(path: path))
      #expect(events.messages.first?.text == "nick 999" && events.messages.count < 15)
      #expect(events.closed.map(\.how) == [.captureEnd])
      let ended = try #require(events.ended.first)
      #expect(ended.damage.count == 1 && ended.packets < 37)
      #expect(ended.damage.first?.contains("byte offset") == true)
    }
  }
}
