import TestSupport
import Testing
import WireBytes

@Suite("What waits until it is known who reads it")
struct ReplayBufferTests {
  private typealias Piece = ReplayBuffer.Piece

  private func piece(
    _ side: Side, _ offset: UInt64, packet: UInt64, _ content: Piece.Content, acknowledged: UInt64? = nil
  ) -> Piece {
    Piece(
      side: side,
      position: StreamPosition(offset: offset, packet: packet, time: CaptureTime(nanoseconds: 0)),
      peerAcknowledged: acknowledged, content: content)
  }

  private func bytes(_ side: Side, _ offset: UInt64, packet: UInt64, count: Int = 4) -> Piece {
    piece(side, offset, packet: packet, .bytes([UInt8](repeating: UInt8(packet), count: count)))
  }

  private func text(_ buffer: ReplayBuffer) -> [String] {
    buffer.pieces.map { "\($0.side) \($0.position.offset)#\($0.position.packet) \(text($0.content))" }
  }

  private func text(_ content: Piece.Content) -> String {
    switch content {
    case .bytes(let bytes): "bytes \(bytes.count)"
    case .gap(let count): "gap \(count)"
    case .passedOver(let count): "passed over \(count)"
    case .end: "end"
    }
  }

  private func expectCostsToAddUp(_ buffer: ReplayBuffer, _ location: SourceLocation = #_sourceLocation) {
    for side in Side.allCases {
      let own = buffer.pieces.filter { $0.side == side }
      #expect(buffer.count(of: side) == own.count, sourceLocation: location)
      #expect(buffer.holds(side) == !own.isEmpty, sourceLocation: location)
      #expect(buffer.cost(of: side) == own.reduce(0) { $0 + $1.cost }, sourceLocation: location)
    }
    #expect(buffer.cost == buffer.cost(of: .client) + buffer.cost(of: .server), sourceLocation: location)
    #expect(buffer.isEmpty == buffer.pieces.isEmpty, sourceLocation: location)
  }

  @Test("an empty buffer costs nothing and has nothing to give")
  func empty() {
    var buffer = ReplayBuffer()
    #expect(buffer.isEmpty && buffer.cost == 0 && buffer.first(of: .client) == nil)
    #expect(buffer.popFirst { _ in true } == nil)
    buffer.removeAll(of: .server)
    buffer.dropOldest(beyond: 0)
    buffer.passOverOldest(of: .client, downTo: 0)
    buffer.swapSides()
    expectCostsToAddUp(buffer)
  }

  @Test("bytes cost their number, everything costs its entry")
  func cost() {
    let entry = piece(.client, 0, packet: 1, .end).cost
    #expect(entry > 0 && entry == piece(.client, 0, packet: 1, .gap(.max)).cost)
    #expect(bytes(.client, 0, packet: 1, count: 100).cost == entry + 100)
  }

  @Test("pieces stay in the order in which they came, gaps and ends in their places")
  func order() {
    var buffer = ReplayBuffer()
    buffer.append(bytes(.client, 0, packet: 1))
    buffer.append(piece(.server, 0, packet: 2, .gap(10)))
    buffer.append(piece(.client, 4, packet: 3, .end))
    buffer.append(bytes(.server, 10, packet: 4))
    #expect(
      text(buffer) == ["client 0#1 bytes 4", "server 0#2 gap 10", "client 4#3 end", "server 10#4 bytes 4"])
    #expect(buffer.first(of: .server)?.position.packet == 2)
    #expect(buffer.firstBytes(of: .server)?.position.packet == 4)
    expectCostsToAddUp(buffer)
  }

  @Test(
    "a piece that is put back goes before the later bytes of its side and after earlier packets of the other")
  func putBack() {
    var buffer = ReplayBuffer()
    for packet in [2, 4, 6] as [UInt64] { buffer.append(bytes(.server, packet, packet: packet)) }
    for packet in [7, 9] as [UInt64] { buffer.append(bytes(.client, packet, packet: packet)) }
    buffer.putBack(bytes(.client, 5, packet: 5))
    #expect(
      text(buffer).map { $0.prefix(8) } == [
        "server 2", "server 4", "client 5", "server 6", "client 7", "client 9",
      ])
    // A retransmission: the stream's order counts, not the packet's number.
    buffer.putBack(bytes(.client, 8, packet: 3))
    #expect(buffer.pieces.filter { $0.side == .client }.map(\.position.offset) == [5, 7, 8, 9])
    buffer.putBack(bytes(.client, 1, packet: 20))
    #expect(buffer.first(of: .client)?.position.offset == 1)
    expectCostsToAddUp(buffer)
  }

  @Test("offsets that wrap around keep their order")
  func wrapping() {
    var buffer = ReplayBuffer()
    buffer.append(bytes(.client, .max - 1, packet: 1))
    buffer.putBack(bytes(.client, 2, packet: 2))
    #expect(buffer.pieces.map(\.position.packet) == [1, 2])
  }

  @Test("a buffer that is put back into another mixes with it in capture order")
  func putBackAll() {
    var (odd, even) = (ReplayBuffer(), ReplayBuffer())
    for packet in [1, 3, 5] as [UInt64] { odd.append(bytes(.client, packet, packet: packet)) }
    for packet in [2, 4, 6] as [UInt64] { even.append(bytes(.server, packet, packet: packet)) }
    odd.putBack(even)
    #expect(odd.pieces.map(\.position.packet) == [1, 2, 3, 4, 5, 6])
    expectCostsToAddUp(odd)
    var none = ReplayBuffer()
    none.putBack(odd)
    #expect(none.pieces.count == 6)
    expectCostsToAddUp(none)
  }

  @Test("the first piece of a side that is ready is taken, whatever waits before it")
  func popFirst() {
    var buffer = ReplayBuffer()
    buffer.append(bytes(.client, 0, packet: 1))
    buffer.append(bytes(.server, 0, packet: 2))
    buffer.append(bytes(.client, 4, packet: 3))
    #expect(buffer.popFirst { $0 == .server }?.position.packet == 2)
    #expect(buffer.popFirst { $0 == .server } == nil)
    #expect(buffer.popFirst { _ in true }?.position.packet == 1)
    #expect(text(buffer) == ["client 4#3 bytes 4"])
    expectCostsToAddUp(buffer)
    buffer.removeAll(of: .client)
    #expect(buffer.isEmpty)
    expectCostsToAddUp(buffer)
  }

  @Test("beyond the limit the oldest go, down to half of it")
  func dropOldest() {
    var buffer = ReplayBuffer()
    let limit = bytes(.client, 0, packet: 1, count: 100).cost * 10
    for packet in 1...10 as ClosedRange<UInt64> {
      buffer.append(bytes(packet % 2 == 0 ? .client : .server, packet * 100, packet: packet, count: 100))
      buffer.dropOldest(beyond: limit)
    }
    #expect(buffer.pieces.count == 10)
    buffer.append(bytes(.client, 1100, packet: 11, count: 100))
    buffer.dropOldest(beyond: limit)
    #expect(buffer.pieces.map(\.position.packet) == [7, 8, 9, 10, 11])
    expectCostsToAddUp(buffer)
  }

  @Test("bytes that are passed over leave their number, and neighbours are joined")
  func passOver() {
    var buffer = ReplayBuffer()
    buffer.append(bytes(.client, 0, packet: 1, count: 1000))
    buffer.append(bytes(.server, 0, packet: 2, count: 1000))
    buffer.append(bytes(.client, 1000, packet: 3, count: 1000))
    buffer.append(piece(.client, 2000, packet: 4, .gap(5)))
    buffer.append(piece(.client, 2005, packet: 5, .gap(6)))
    buffer.append(bytes(.client, 2011, packet: 6, count: 1000))
    buffer.append(bytes(.client, 3011, packet: 7, count: 1000))
    buffer.append(piece(.client, 4011, packet: 8, .end))
    let entry = piece(.client, 0, packet: 1, .end).cost
    buffer.passOverOldest(of: .client, downTo: 1000 + 5 * entry)
    #expect(
      text(buffer) == [
        "client 0#1 passed over 2000", "server 0#2 bytes 1000", "client 2000#4 gap 11",
        "client 2011#6 passed over 1000", "client 3011#7 bytes 1000", "client 4011#8 end",
      ])
    expectCostsToAddUp(buffer)
    buffer.passOverOldest(of: .client, downTo: 0)
    #expect(buffer.pieces.count(where: { $0.side == .client }) == 4)
    #expect(text(buffer)[3] == "client 2011#6 passed over 2000")
    expectCostsToAddUp(buffer)
  }

  @Test("sides that were named the wrong way round are exchanged")
  func swapSides() {
    var buffer = ReplayBuffer()
    buffer.append(bytes(.client, 0, packet: 1, count: 50))
    buffer.append(piece(.server, 0, packet: 2, .end))
    buffer.append(bytes(.client, 50, packet: 3))
    buffer.swapSides()
    #expect(text(buffer) == ["server 0#1 bytes 50", "client 0#2 end", "server 50#3 bytes 4"])
    expectCostsToAddUp(buffer)
  }

  @Test("what is left of a piece keeps what its sender had acknowledged")
  func dropping() {
    let whole = piece(.client, 10, packet: 1, .bytes([1, 2, 3]), acknowledged: 77)
    let rest = whole.dropping(2)
    #expect(rest.bytes == [3] && rest.position.offset == 12 && rest.peerAcknowledged == 77)
    #expect(whole.dropping(0).bytes == [1, 2, 3])
    #expect(piece(.client, 0, packet: 1, .end).dropping(1).content == .end)
  }
}
