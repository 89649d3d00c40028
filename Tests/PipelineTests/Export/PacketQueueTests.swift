import CaptureInput
import TestSupport
import Testing
import WireBytes

@testable import Pipeline

@Suite("The order of packets that are picked late")
struct PacketQueueTests {
  private func packet(_ number: UInt64, milliseconds: Int64, bytes: Int = 60) -> KeptPacket {
    KeptPacket(
      record: PacketRecord(
        number: number, time: CaptureTime(nanoseconds: milliseconds * 1_000_000), originalLength: bytes),
      bytes: [UInt8](repeating: 0, count: bytes))
  }

  private func taken(_ queue: inout PacketQueue, at milliseconds: Int64?) -> [UInt64] {
    var numbers: [UInt64] = []
    while let next = queue.next(at: milliseconds.map { CaptureTime(nanoseconds: $0 * 1_000_000) }) {
      numbers.append(next.record.number)
    }
    return numbers
  }

  @Test("What comes within two seconds is put in its place, and what is left at the end, too")
  func order() {
    var queue = PacketQueue()
    for number in [3, 4, 7] as [UInt64] { queue.add(packet(number, milliseconds: Int64(number) * 100)) }
    #expect(taken(&queue, at: 700) == [])
    for number in [1, 2, 5] as [UInt64] { queue.add(packet(number, milliseconds: Int64(number) * 100)) }
    #expect(taken(&queue, at: 2301) == [1, 2, 3])
    queue.add(packet(6, milliseconds: 600))
    #expect(taken(&queue, at: nil) == [4, 5, 6, 7])
    #expect(taken(&queue, at: nil) == [])
  }

  @Test("What comes later than that is not waited for, and a step of the clock stops nothing")
  func late() {
    var queue = PacketQueue()
    queue.add(packet(9, milliseconds: 10_000))
    queue.add(packet(1, milliseconds: 10))
    #expect(taken(&queue, at: 10_000) == [1])
    // An hour back.
    queue.add(packet(10, milliseconds: -3_600_000))
    #expect(taken(&queue, at: -3_600_000) == [9])
    #expect(taken(&queue, at: nil) == [10])
  }

  @Test("Memory is bounded: with 32 MiB the first ones go")
  func bounded() {
    var queue = PacketQueue()
    var taken = 0
    for number in 1...1000 as ClosedRange<UInt64> {
      queue.add(packet(number, milliseconds: 0, bytes: 64 << 10))
      taken += self.taken(&queue, at: 0).count
    }
    #expect(taken > 1000 - 512)
    #expect(taken + self.taken(&queue, at: nil).count == 1000)
  }
}
