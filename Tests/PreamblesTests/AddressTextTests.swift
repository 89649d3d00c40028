import PacketLayers
import Testing
import WireBytes

@testable import Preambles

@Suite struct AddressTextTests {
  @Test(
    "An IPv6 address is read as RFC 4291 §2.2 writes it",
    arguments: [
      ("::", "::"), ("::1", "::1"), ("1::", "1::"),
      ("2001:DB8::8:800:200c:417a", "2001:db8::8:800:200c:417a"),
      ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::ffff:192.0.2.1", "192.0.2.1"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
  func ipv6(text: String, expected: String) {
    #expect(AddressText.ipv6(Array(text.utf8).span)?.description == expected)
  }

  @Test(
    "What is no IPv6 address is not read",
    arguments: [
      "", ":", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":::", "12345::", "g::",
      "1.2.3.4",
      "1:2:3:4:5:6:7:8::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
    ])
  func notIPv6(text: String) { #expect(AddressText.ipv6(Array(text.utf8).span) == nil) }

  @Test(
    "An IPv4 address has four numbers below 256",
    arguments: [
      ("0.0.0.0", true), ("255.255.255.255", true), ("256.0.0.1", false), ("1.2.3", false),
      ("1.2.3.4.5", false),
      ("1..2.3", false), ("1.2.3.4 ", false), ("", false), (".1.2.3.4", false),
    ])
  func ipv4(text: String, isOne: Bool) { #expect((AddressText.ipv4(Array(text.utf8).span) != nil) == isOne) }
}
