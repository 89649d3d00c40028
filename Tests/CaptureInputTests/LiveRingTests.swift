import CaptureInput
import Foundation
import TestSupport
import Testing

@Suite("The buffer between capturing and decoding")
struct LiveRingTests {
  @Test("The buffer gives what went in, in order, whoever is faster", arguments: [1, 64, 4096])
  func ring(capacity: Int) async throws {
    let ring = LiveRing(capacity: capacity)
    let total = capacity * 20 + 7
    let writer = Thread {
      var random = SeededRandom(seed: 1)
      var next = 0
      while next < total {
        let count = min(Int.random(in: 1...capacity * 3, using: &random), total - next)
        let bytes = (next..<next + count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(unsafe bytes.withUnsafeBytes { unsafe ring.write($0) })
        next += count
      }
      ring.end()
    }
    writer.start()
    var read: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 100)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe ring.read(into: $0) }
      if count == 0 { break }
      read += buffer[..<count]
    }
    #expect(read == (0..<total).map { UInt8(truncatingIfNeeded: $0) })
    #expect(ring.state.waiting == 0)
  }

  @Test("A writer does not wait for a reader that has gone")
  func abandoned() {
    let ring = LiveRing(capacity: 8)
    let bytes = [UInt8](repeating: 1, count: 8)
    #expect(unsafe bytes.withUnsafeBytes { unsafe ring.write($0) })
    // Who asks meanwhile is answered.
    var asked = 0
    #expect(
      unsafe !bytes.withUnsafeBytes {
        unsafe ring.write($0) {
          asked += 1
          if asked == 2 { ring.abandon() }
        }
      })
    #expect(asked == 2)
    #expect(ring.state.waits.times == 1)
  }
}
