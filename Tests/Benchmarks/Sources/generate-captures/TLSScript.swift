/// A TLS 1.3 connection that nobody has keys for: hellos that a reader can parse, then records of random
/// bytes, which is all that encrypted ones are to it.
struct TLSScript: TCPScript {
  private enum Phase { case clientHello, serverHello, clientFinished, request, response, closed }

  let closesFirst = Side.client

  private var phase = Phase.clientHello
  private var remainingRequests: Int

  static func server(random: inout SplitMix64) -> Endpoint {
    Endpoint(198, 51, 100, UInt8(50 + random.below(100)), port: 443)
  }

  init(in capture: inout Capture) {
    remainingRequests = capture.random.within(1...40)
  }

  mutating func speak(into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture) -> Bool {
    switch phase {
    case .clientHello:
      appendRecord(.handshake, clientHello(random: &capture.random), to: &outboxes.client)
      phase = .serverHello
    case .serverHello:
      appendRecord(.handshake, serverHello(random: &capture.random), to: &outboxes.server)
      appendRecord(.changeCipherSpec, [1], to: &outboxes.server)
      appendEncrypted(3_000, to: &outboxes.server, random: &capture.random)
      phase = .clientFinished
    case .clientFinished:
      appendRecord(.changeCipherSpec, [1], to: &outboxes.client)
      appendEncrypted(53, to: &outboxes.client, random: &capture.random)
      phase = .request
    case .request where remainingRequests == 0:
      appendEncrypted(19, to: &outboxes.client, random: &capture.random)  // the size of close_notify
      phase = .closed
    case .request:
      remainingRequests -= 1
      appendEncrypted(capture.random.within(80...600), to: &outboxes.client, random: &capture.random)
      phase = .response
    case .response:
      appendEncrypted(capture.random.within(200...80_000), to: &outboxes.server, random: &capture.random)
      phase = .request
    case .closed:
      return false
    }
    return true
  }

  private enum ContentType: UInt8 {
    case changeCipherSpec = 20
    case handshake = 22
    case applicationData = 23
  }

  private func appendRecordHeader(_ type: ContentType, length: Int, to bytes: inout [UInt8]) {
    bytes.append(type.rawValue)
    appendBigEndian(UInt16(0x0303), to: &bytes)
    appendBigEndian(UInt16(length), to: &bytes)
  }

  private func appendRecord(_ type: ContentType, _ content: [UInt8], to bytes: inout [UInt8]) {
    appendRecordHeader(type, length: content.count, to: &bytes)
    bytes += content
  }

  private func appendEncrypted(_ count: Int, to bytes: inout [UInt8], random: inout SplitMix64) {
    var remaining = count
    while remaining > 0 {
      let length = min(remaining, 16_384) + 17  // content type and authentication tag
      appendRecordHeader(.applicationData, length: length, to: &bytes)
      random.appendBytes(length, to: &bytes)
      remaining -= 16_384
    }
  }

  private func clientHello(random: inout SplitMix64) -> [UInt8] {
    var hello: [UInt8] = [0x03, 0x03]
    random.appendBytes(32, to: &hello)
    hello.append(32)  // session id
    random.appendBytes(32, to: &hello)
    hello += [0, 4, 0x13, 0x01, 0x13, 0x02, 1, 0]  // two cipher suites, no compression

    let name = Array("host\(random.below(1000)).example.com".utf8)
    var serverName: [UInt8] = [0]
    appendVector(name, to: &serverName)
    var serverNames: [UInt8] = []
    appendVector(serverName, to: &serverNames)
    var keyShare: [UInt8] = [0, 0x1D, 0, 32]  // x25519
    random.appendBytes(32, to: &keyShare)
    var keyShares: [UInt8] = []
    appendVector(keyShare, to: &keyShares)

    var extensions: [UInt8] = []
    appendExtension(0, serverNames, to: &extensions)
    appendExtension(10, [0, 2, 0, 0x1D], to: &extensions)  // supported_groups
    appendExtension(13, [0, 2, 0x04, 0x03], to: &extensions)  // signature_algorithms
    appendExtension(16, [0, 9, 8] + Array("http/1.1".utf8), to: &extensions)
    appendExtension(43, [2, 0x03, 0x04], to: &extensions)  // supported_versions: 1.3
    appendExtension(51, keyShares, to: &extensions)
    appendVector(extensions, to: &hello)
    return handshakeMessage(1, hello)
  }

  private func serverHello(random: inout SplitMix64) -> [UInt8] {
    var hello: [UInt8] = [0x03, 0x03]
    random.appendBytes(32, to: &hello)
    hello.append(32)
    random.appendBytes(32, to: &hello)
    hello += [0x13, 0x01, 0]
    var keyShare: [UInt8] = [0, 0x1D, 0, 32]
    random.appendBytes(32, to: &keyShare)
    var extensions: [UInt8] = []
    appendExtension(43, [0x03, 0x04], to: &extensions)
    appendExtension(51, keyShare, to: &extensions)
    appendVector(extensions, to: &hello)
    return handshakeMessage(2, hello)
  }

  private func handshakeMessage(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    var message: [UInt8] = []
    appendBigEndian(UInt32(type) << 24 | UInt32(body.count), to: &message)
    return message + body
  }

  private func appendExtension(_ type: UInt16, _ data: [UInt8], to bytes: inout [UInt8]) {
    appendBigEndian(type, to: &bytes)
    appendVector(data, to: &bytes)
  }

  private func appendVector(_ content: [UInt8], to bytes: inout [UInt8]) {
    appendBigEndian(UInt16(content.count), to: &bytes)
    bytes += content
  }
}
