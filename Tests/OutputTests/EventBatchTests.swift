import TestSupport
import Testing
import WireBytes

@testable import Output
@testable import SessionAnalysis
@testable import Sessions
@testable import WebSocketDecoding

@Suite struct EventBatchTests {
  @Test func messagesComeOutAsTheyWentInWhetherCopiedOrTaken() {
    var random = SeededRandom.fresh()
    let batch = EventBatch()
    var buffer = PayloadBuffer()
    for _ in 0..<60 {
      let collected = Collected()
      var expected: [String] = []
      while !batch.isFull {
        let number = UInt64(expected.count)
        let payload = [UInt8](
          repeating: UInt8.random(in: .min ... .max, using: &random), count: size(&random))
        expected.append("\(number): \(payload.count) of \(payload.first ?? 0)")
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
          batch.append(message(number, payload), in: Self.session, payload: payload.span)
        case 1:
          batch.append(
            .message(
              message(number, payload), MessageContext(Self.session), batch.keep(payload.span)))
        default:
          buffer.append(payload.span)
          batch.append(message(number, payload), in: Self.session, buffer: &buffer)
          // The buffer may be empty or not: whoever lends it clears it.
          buffer.clear(keeping: buffer.capacity)
        }
      }
      batch.replay(to: collected)
      #expect(collected.seen == expected, "\(random)")
      #expect(batch.isEmpty && batch.payloadBytes == 0)
      #expect(batch.heldBytes <= 512 << 10)
    }
  }

  @Test func aLargePayloadIsTakenWithoutACopy() {
    let batch = EventBatch()
    var buffer = PayloadBuffer()
    let payload = [UInt8](repeating: 3, count: 20_000)
    buffer.append(payload.span)
    let place = address(buffer)
    batch.append(message(0, payload), in: Self.session, buffer: &buffer)
    #expect(buffer.count == 0)
    let collected = Collected()
    batch.replay(to: collected)
    #expect(collected.seen == ["0: 20000 of 3"])
    // Its memory serves the next one.
    batch.append(message(0, []), in: Self.session, payload: [UInt8]().span)
    buffer.append(payload.span)
    batch.append(message(1, payload), in: Self.session, buffer: &buffer)
    buffer.append(payload.span)
    #expect(address(buffer) == place)
  }

  private static let session = SessionReference(number: 1, start: CaptureTime(nanoseconds: 0))

  private func address(_ buffer: borrowing PayloadBuffer) -> UInt {
    unsafe buffer.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }

  private func size(_ random: inout SeededRandom) -> Int {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: Int.random(in: 4090...4100, using: &random)
    case 1: Int.random(in: 0...(256 << 10), using: &random)
    case 2, 3: Int.random(in: 0...40_000, using: &random)
    default: Int.random(in: 0...200, using: &random)
    }
  }

  private func message(_ number: UInt64, _ payload: [UInt8]) -> Message {
    Message(
      side: .server, opcode: .binary,
      first: StreamPosition(offset: number, packet: 1, time: CaptureTime(nanoseconds: 0)),
      wireBytes: payload.count + 10, bytes: payload.count)
  }
}

/// Messages as they come: number, size and byte of payloads that hold one byte many times.
private final class Collected: EventSink {
  private(set) var seen: [String] = []

  var needs: EventNeeds { .totals }
  var demand: Demand { .more }

  func message(_ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>) {
    let (number, bytes) = (message.first.offset, message.bytes)
    let first: UInt8 = payload.isEmpty ? 0 : payload[0]
    let isWhole = payload.count == Int(bytes) && payload.indices.allSatisfy { payload[$0] == first }
    seen.append(isWhole ? "\(number): \(bytes) of \(first)" : "\(number): another payload")
  }

  func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {}
  func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {}
  func event(_ event: Event) {}
}
