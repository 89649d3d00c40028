import Testing
import WireBytes

@Suite struct DeliveryTests {
  @Test(
    "What remains of a delivery keeps its packet and what the sender had acknowledged",
    arguments: [0, 1, 3, 4, 9])
  func dropping(count: Int) {
    let bytes: [UInt8] = [1, 2, 3, 4]
    let position = StreamPosition(offset: 100, packet: 7, time: CaptureTime(nanoseconds: 5))
    let rest = Delivery(bytes.span, at: position, peerAcknowledged: 42, peerIsDelivered: true).dropping(count)
    let (left, place, acknowledged) = (rest.bytes.toArray(), rest.position, rest.peerAcknowledged)
    let isDelivered = rest.peerIsDelivered
    #expect(isDelivered)
    #expect(left == Array(bytes.dropFirst(count)))
    #expect(place == position.advanced(by: count))
    #expect(acknowledged == 42)
  }
}
