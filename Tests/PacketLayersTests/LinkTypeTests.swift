import PacketLayers
import Testing

@Suite struct LinkTypeTests {
  @Test(
    "An unsupported link type is refused by name and number",
    arguments: [
      (189, "USB_LINUX (189)"), (7, "ARCNET (7)"), (227, "CAN_SOCKETCAN (227)"), (4242, "4242"), (-1, "-1"),
    ] as [(Int32, String)])
  func isRefused(number: Int32, name: String) throws {
    let error = #expect(throws: UnsupportedLinkType.self) { _ = try PacketDecoder(linkType: number) }
    #expect(error?.number == number)
    #expect(error?.name == name)
    #expect(
      error?.description.hasPrefix("link type \(name) is not supported; supported are NULL (0), ") == true)
    #expect(error?.description.contains("LINUX_SLL2 (276)") == true)
    #expect(error?.description.contains("USB_LINUX_MMAPPED") == false)
  }

  @Test(
    "A supported link type is accepted",
    arguments: [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 9, 105, 127, 219, 239, 258] as [Int32])
  func isAccepted(number: Int32) {
    #expect(throws: Never.self) { _ = try PacketDecoder(linkType: number) }
  }
}
