import Testing

@testable import WebSocketDecoding

@Suite("How packets begin that follow one which was not full")
struct PacketSizesTests {
  /// Packets of these sizes, each of which begins with no frame of any kind, or with an unmasked one only.
  private func sizes(_ packets: [Int], masked: Bool = true, unmasked: Bool = true) -> PacketSizes {
    var sizes = PacketSizes()
    for (index, packet) in packets.enumerated() {
      sizes.due(after: index == 0 ? 0 : packets[index - 1]) { $0 ? masked : unmasked }
      sizes.ended(packet)
    }
    return sizes
  }

  @Test(
    "Four packets of the largest size, of 128 bytes at least, are full ones",
    arguments: [
      ([100, 200, 200, 200], 4), ([100, 200, 200, 200, 200], 2), ([100, 127, 127, 127, 127], 5),
      ([100, 128, 128, 128, 128], 2), ([100, 200, 200, 200, 200, 50, 60], 3), ([200], 1), ([], 0),
      ([200, 200, 200, 200, 300], 5), ([200, 200, 200, 200, 300, 300, 300, 300], 5),
    ])
  func full(packets: [Int], due: Int) {
    let sizes = sizes(packets)
    #expect(sizes.due == due)
    #expect(sizes.falseStarts(masked: false) == due)
    #expect(sizes.falseStarts(masked: true) == due)
  }

  @Test("False starts are counted by mask bit", arguments: [false, true], [false, true])
  func masks(masked: Bool, unmasked: Bool) {
    let sizes = sizes([10, 20, 30, 5, 6], masked: masked, unmasked: unmasked)
    #expect(sizes.due == 5)
    #expect(sizes.falseStarts(masked: true) == (masked ? 5 : 0))
    #expect(sizes.falseStarts(masked: false) == (unmasked ? 5 : 0))
  }
}
