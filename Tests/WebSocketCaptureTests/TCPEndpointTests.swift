import TestSupport
import Testing
import WebSocketCapture

@Suite struct TCPEndpointTests {
  @Test(
    "An endpoint is shown as address and port, with brackets around IPv6",
    arguments: [
      (TestAddress("10.0.0.1"), "10.0.0.1", "10.0.0.1:40000"),
      (TestAddress("2001:db8::1"), "2001:db8::1", "[2001:db8::1]:40000"),
    ])
  func description(address: TestAddress, ip: String, shown: String) throws {
    let server = TestEndpoint(address.isIPv6 ? "2001:db8::2" : "10.0.0.2", 80)
    var tcp = TCPConversation(client: TestEndpoint(address, 40_000), server: server)
    tcp.upgrade()
    let opened = try #require(try events(of: tcp.packets).opened.first)
    #expect(opened.client.ip == ip && opened.client.port == 40_000 && opened.client.description == shown)
  }
}
