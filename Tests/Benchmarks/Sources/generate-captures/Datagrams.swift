/// Two DNS datagrams: a question and its answer.
struct DNSConversation: Conversation {
  private let client: Endpoint
  private let server = Endpoint(192, 0, 2, 53, port: 53)
  private let identifier: UInt16
  private let name: [UInt8]
  private var isAsked = false

  init(serial: Int, in capture: inout Capture) {
    client = Endpoint(client: serial)
    identifier = UInt16(truncatingIfNeeded: capture.random.next())
    name = Array("host\(capture.random.below(1000))".utf8)
  }

  mutating func step(in capture: inout Capture) -> Bool {
    var message: [UInt8] = []
    appendBigEndian(identifier, to: &message)
    appendBigEndian(UInt16(isAsked ? 0x8180 : 0x0100), to: &message)
    for count: UInt16 in [1, isAsked ? 1 : 0, 0, 0] { appendBigEndian(count, to: &message) }
    for label in [name, Array("example".utf8), Array("com".utf8), []] {
      message.append(UInt8(label.count))
      message += label
    }
    message += [0, 1, 0, 1]  // A, IN
    if isAsked {
      message += [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 1, 0x2C, 0, 4, 198, 51, 100, 50]
      capture.udp(from: server, to: client, payload: message[...])
      return false
    }
    capture.udp(from: client, to: server, payload: message[...])
    isAsked = true
    return true
  }
}

/// QUIC-like datagrams: long headers first, then full-sized short ones down and small ones up.
struct QUICConversation: Conversation {
  private let client: Endpoint
  private let server: Endpoint
  private var remaining: Int
  private var sent = 0
  private var datagram: [UInt8] = []

  init(serial: Int, in capture: inout Capture) {
    client = Endpoint(client: serial)
    server = Endpoint(198, 51, 100, UInt8(150 + capture.random.below(20)), port: 443)
    remaining = capture.random.within(20...2_000)
  }

  mutating func step(in capture: inout Capture) -> Bool {
    datagram.removeAll(keepingCapacity: true)
    let isInitial = sent < 2
    let isFromClient = isInitial ? sent == 0 : capture.random.oneIn(4)
    if isInitial {
      datagram += [0xC3, 0, 0, 0, 1, 8]  // long header, Initial, version 1
      capture.random.appendBytes(8, to: &datagram)
      datagram += [0, 0, 0x44, 0x9E]  // no source id, no token, 1182 bytes follow
      capture.random.appendBytes(1_182, to: &datagram)
    } else {
      datagram.append(0x40 | UInt8(capture.random.below(32)))
      capture.random.appendBytes(isFromClient ? 40 : 1_250, to: &datagram)
    }
    if isFromClient {
      capture.udp(from: client, to: server, payload: datagram[...])
    } else {
      capture.udp(from: server, to: client, payload: datagram[...])
    }
    sent += 1
    remaining -= 1
    return remaining > 0
  }
}
