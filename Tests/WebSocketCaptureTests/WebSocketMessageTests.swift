import TestSupport
import Testing
import WebSocketCapture

@Suite struct WebSocketMessageTests {
  @Test("A message that lacks bytes has no text, and says which are missing")
  func missingBytes() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    let whole = frame(0x81, Array("hello, world".utf8), isMasked: false)
    tcp.send(from: .server, whole[..<6])
    tcp.lose(3, from: .server)
    tcp.send(from: .server, whole[9...])
    tcp.acknowledge(from: .client)
    tcp.close()

    let message = try #require(try events(of: tcp.packets).messages.first)
    #expect(!message.isComplete && message.text == nil && message.missingBytes == 3)
    #expect(message.missing.map(\.offset) == [4] && message.missing.map(\.bytes) == [3])
    #expect(message.bytes == 12)
    #expect(message.payload[4..<7] == [0, 0, 0] && message.payload.prefix(4) == Array("hell".utf8)[...])
  }

  @Test("Text that is not UTF-8 has a payload and no text")
  func invalidText() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.send(from: .server, frame(0x81, [0x67, 0xF6, 0x65], isMasked: false))
    tcp.close()
    let message = try #require(try events(of: tcp.packets).messages.first)
    #expect(message.opcode == .text && message.text == nil && message.payload == [0x67, 0xF6, 0x65])
  }

  @Test("Binary has no text")
  func binary() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.send(from: .client, frame(0x82, Array("abc".utf8), isMasked: true))
    tcp.close()
    let message = try #require(try events(of: tcp.packets).messages.first)
    #expect(message.opcode == .binary && message.text == nil && message.payload == Array("abc".utf8))
  }
}
