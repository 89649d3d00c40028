import WireBytes

/// One end of a synthetic connection.
public struct TestEndpoint: Hashable, Sendable {
  /// Its address.
  public var address: TestAddress
  /// Its port.
  public var port: UInt16

  /// An end from address and port.
  public init(_ address: TestAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// A TCP connection that keeps the sequence and acknowledgment numbers for a test.
///
///     var tcp = TCPConversation()
///     tcp.handshake()
///     tcp.send(from: .client, "GET / HTTP/1.1\r\n\r\n".utf8)
///     let lost = tcp.send(from: .server, reply, segmentSize: 100).dropFirst()
///     tcp.fin(from: .client)
///     let file = tcp.packets.pcap()
///
/// Each call adds packets to `packets` and returns those it added, so that a test may leave some out, put
/// them in another order or write them twice.
public struct TCPConversation: Sendable {
  /// All packets so far, in the order of the calls.
  public private(set) var packets: [Packet] = []
  /// The window in every segment from now on.
  public var window: UInt16 = 65_535
  /// When the next packet is captured; each packet moves it by `interval`.
  public var now: CaptureTime
  /// Nanoseconds between two packets.
  public var interval: Int64 = 1_000_000
  /// The sequence number that the client sends next.
  public var clientNext: UInt32
  /// The sequence number that the server sends next.
  public var serverNext: UInt32

  private let client: TestEndpoint
  private let server: TestEndpoint
  private let link: TestLink

  /// A connection before its first packet; the sequence numbers are those of the SYNs.
  public init(
    client: TestEndpoint = TestEndpoint("10.0.0.1", 40_000),
    server: TestEndpoint = TestEndpoint("10.0.0.2", 80),
    clientSequence: UInt32 = 1000, serverSequence: UInt32 = 5000, link: TestLink = .ethernet,
    start: CaptureTime = .testStart
  ) {
    self.client = client
    self.server = server
    self.link = link
    now = start
    clientNext = clientSequence
    serverNext = serverSequence
  }

  /// The LINKTYPE_ number for a file of these packets.
  public var linkType: Int32 { link.linkType(isIPv6: client.address.isIPv6) }

  /// SYN, SYN+ACK, ACK; the SYNs offer a window scale of 7.
  @discardableResult
  public mutating func handshake() -> [Packet] {
    let options: [UInt8] = [2, 4, 0x05, 0xb4, 1, 3, 3, 7]
    return segment(from: .client, .syn, options: options)
      + segment(from: .server, [.syn, .ack], options: options) + segment(from: .client, .ack)
  }

  /// Payload in segments of at most `segmentSize` bytes.
  @discardableResult
  public mutating func send(
    from side: Side, _ payload: some Sequence<UInt8>, segmentSize: Int = 1448
  ) -> [Packet] {
    let bytes = Array(payload)
    var sent: [Packet] = []
    for start in stride(from: 0, to: bytes.count, by: segmentSize) {
      let piece = bytes[start..<min(start + segmentSize, bytes.count)]
      sent += segment(from: side, [.psh, .ack], payload: piece)
    }
    return sent
  }

  /// A segment without payload that acknowledges all that the other side sent.
  @discardableResult
  public mutating func acknowledge(from side: Side) -> [Packet] { segment(from: side, .ack) }

  /// FIN, with a last piece of payload if there is one.
  @discardableResult
  public mutating func fin(from side: Side, _ payload: some Sequence<UInt8> = []) -> [Packet] {
    segment(from: side, [.fin, .ack], payload: payload)
  }

  /// RST.
  @discardableResult
  public mutating func rst(from side: Side) -> [Packet] { segment(from: side, [.rst, .ack]) }

  /// FIN and ACK of both sides, the client first.
  @discardableResult
  public mutating func close() -> [Packet] {
    fin(from: .client) + fin(from: .server) + acknowledge(from: .client)
  }

  /// Payload that is sent but not captured: the next segment of that side leaves a gap.
  public mutating func lose(_ count: Int, from side: Side) { advance(side, by: count) }

  /// Lets time pass without packets.
  public mutating func wait(milliseconds: Int) { now = now.advanced(milliseconds: milliseconds) }

  /// Any one segment. SYN and FIN count in the sequence numbers.
  @discardableResult
  public mutating func segment(
    from side: Side, _ flags: TestFlags, options: [UInt8] = [], payload: some Sequence<UInt8> = []
  ) -> [Packet] {
    let bytes = Array(payload)
    let (sender, receiver) = side == .client ? (client, server) : (server, client)
    let (seq, ack) = side == .client ? (clientNext, serverNext) : (serverNext, clientNext)
    let segment = tcp(
      from: sender.port, to: receiver.port, flags, seq: seq, ack: flags.contains(.ack) ? ack : 0,
      window: window, options: options, payload: bytes)
    let packet = Packet(link.frame(ip(from: sender.address, to: receiver.address, tcp: segment)), time: now)
    advance(side, by: bytes.count + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0))
    now.nanoseconds += interval
    packets.append(packet)
    return [packet]
  }

  private mutating func advance(_ side: Side, by count: Int) {
    switch side {
    case .client: clientNext &+= UInt32(truncatingIfNeeded: count)
    case .server: serverNext &+= UInt32(truncatingIfNeeded: count)
    }
  }
}
