import PacketLayers
import TestSupport
import Testing

@Suite struct IPAddressTests {
  @Test(
    "An address prints as a dotted quad or as RFC 5952 has it",
    arguments: [
      ("10.0.0.1", "10.0.0.1"),
      ("0.0.0.0", "0.0.0.0"),
      ("255.255.255.255", "255.255.255.255"),
      ("::", "::"),
      ("::1", "::1"),
      ("1::", "1::"),
      ("2001:0db8:0:0:0:0:0:1", "2001:db8::1"),
      ("2001:DB8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
      ("fe80:0:0:0:1:2:3:0", "fe80::1:2:3:0"),
      ("0:0:1::", "0:0:1::"),
      ("::ffff:c000:201", "192.0.2.1"),
      ("::fffe:c000:201", "::fffe:c000:201"),
    ])
  func prints(address: String, text: String) {
    #expect(IPAddress(TestAddress(address)).description == text)
  }

  @Test func onlyMappedAddressesAreIPv4() {
    #expect(IPAddress(ipv4: 0).isIPv4)
    #expect(IPAddress(TestAddress("::ffff:0:0")).isIPv4)
    #expect(!IPAddress(high: 0, low: 0x7f00_0001).isIPv4)
    #expect(!IPAddress(high: 1, low: 0xffff_0000_0000).isIPv4)
  }
}
