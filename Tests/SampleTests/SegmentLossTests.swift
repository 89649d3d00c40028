import Foundation
import TestSupport
import Testing

/// Samples from which single segments were taken out, as a capture that could not keep up has them.
@Suite("Lost segments")
struct SegmentLossTests {
  /// `WSTAP_LOSSES` segments are left out of each sample, one at a time (3 by default); `WSTAP_LOSS_SEED` replays a run.
  @Test("Messages that a lost segment does not touch are found, and none is made up")
  func singleSegments() throws {
    let environment = ProcessInfo.processInfo.environment
    let losses = environment["WSTAP_LOSSES"].flatMap { Int($0) } ?? 2
    let seed = environment["WSTAP_LOSS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_LOSS_SEED=\(seed)")
    var random = SeededRandom(seed: seed)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var (messages, found) = (0, 0)
    for story in MidstreamSampleTests.upgraded {
      let packets = try PacketList(story)
      let original = try packets.heard(0..<packets.count, in: folder)
      for _ in 0..<losses {
        let lost = Int.random(in: 0..<packets.count, using: &random)
        let heard = try packets.heard((0..<packets.count).filter { $0 != lost }, in: folder)
        #expect(heard.accountsAddUp, "\(story.name) without packet \(lost + 1)")
        #expect(heard.invented(comparedWith: original).isEmpty, "\(story.name) without packet \(lost + 1)")
        // A compressed message may refer to the lost one.
        let wanted = original.items.filter {
          !($0.firstPacket...$0.lastPacket).contains(lost + 1) && !$0.item.isCompressed && $0.item.isWhole
        }.map(\.item)
        messages += wanted.count
        found += heard.found(wanted)
      }
    }
    print("messages \(found) of \(messages)")
    #expect(found * 100 >= messages * 98)
  }

  @Test("Whatever happens to packets, accounts add up and no message is made up")
  func disorder() throws {
    let environment = ProcessInfo.processInfo.environment
    let rounds = environment["WSTAP_DISORDERS"].flatMap { Int($0) } ?? 2
    let seed = environment["WSTAP_LOSS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_LOSS_SEED=\(seed)")
    var random = SeededRandom(seed: seed)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for story in MidstreamSampleTests.upgraded {
      let packets = try PacketList(story)
      let original = try packets.heard(0..<packets.count, in: folder)
      for _ in 0..<rounds {
        var order = Array(0..<packets.count)
        let share = Int.random(in: 1...10, using: &random)
        order = order.flatMap { index -> [Int] in
          switch Int.random(in: 0..<100, using: &random) {
          case ..<share: []
          case ..<(2 * share): [index, index]
          default: [index]
          }
        }
        for _ in 0..<order.count * share / 200 {
          let place = Int.random(in: 0..<order.count - 1, using: &random)
          order.swapAt(place, place + 1)
        }
        let heard = try packets.heard(order, in: folder)
        #expect(heard.accountsAddUp, "\(story.name)")
        let invented = heard.invented(comparedWith: original)
        #expect(invented.isEmpty, "\(story.name), \(share) %: \(invented.prefix(2))")
      }
    }
  }
}
