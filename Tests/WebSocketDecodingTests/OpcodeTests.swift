import Testing

@testable import WebSocketDecoding

/// The sixteen opcodes, RFC 6455 §5.2 and §11.8.
@Suite struct OpcodeTests {
  private static let names = [
    "continuation", "text", "binary", "reserved-3", "reserved-4", "reserved-5", "reserved-6", "reserved-7",
    "close", "ping", "pong", "reserved-11", "reserved-12", "reserved-13", "reserved-14", "reserved-15",
  ]

  @Test("Every opcode has its name and its kind", arguments: 0...15 as ClosedRange<UInt8>)
  func kinds(number: UInt8) {
    let opcode = Opcode(rawValue: number)
    #expect(opcode.rawValue == number)
    #expect(opcode.name == Self.names[Int(number)])
    #expect(opcode.isKnown == [0, 1, 2, 8, 9, 10].contains(number))
    #expect(opcode.isControl == (number >= 8))
    #expect(opcode.carriesMessage == (number <= 2))
  }

  @Test("The bits above it in the first byte of a frame are no part of it")
  func flags() {
    #expect(Opcode(rawValue: 0xC1) == .text)
    #expect(Opcode(rawValue: 0x4A) == .pong)
  }
}
