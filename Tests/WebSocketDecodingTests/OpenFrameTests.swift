import Testing
import WireBytes

@testable import WebSocketDecoding

/// The frame whose payload is being read, and the header that a call cut.
@Suite struct OpenFrameTests {
  @Test("The masking key turns with what was taken and what is missing")
  func phase() throws {
    let bytes = TestFrame(.binary, key: [1, 2, 3, 4]).with(claimed: 10).bytes
    let parsed = FrameHeader(parsing: bytes.span)
    var frame = OpenFrame()
    frame.begin(try #require(parsed), at: position(0, packet: 1))
    #expect(frame.take(3) == Masking.key(frame.header.maskingKey, atPhase: 0))
    #expect(frame.skip(2) == 2)
    #expect(frame.take(1) == Masking.key(frame.header.maskingKey, atPhase: 5))
    #expect(frame.payloadLeft == 4 && frame.missing == 2)
    // A gap that is longer than the rest of the frame ends with it.
    #expect(frame.skip(.max) == 4)
    #expect(frame.payloadLeft == 0 && frame.missing == 6)
  }

  @Test("A header that comes byte by byte is the one that comes in one piece", arguments: [0, 126, 65_536])
  func byteByByte(length: UInt64) throws {
    for key in [nil, [9, 8, 7, 6]] as [[UInt8]?] {
      let bytes = TestFrame(.text, key: key).with(claimed: length).bytes
      let whole = FrameHeader(parsing: bytes.span)
      var partial = PartialHeader()
      // What an earlier header left behind does not matter.
      partial.begin(at: position(5, packet: 1))
      _ = partial.append(0x81, at: position(5, packet: 1))
      partial.begin(at: position(20, packet: 2))
      for byte in bytes.dropLast() {
        let early = partial.append(byte, at: position(20, packet: 2))
        #expect(early?.headerBytes == nil)
      }
      let last = partial.append(bytes[bytes.count - 1], at: position(20, packet: 2))
      let found = try #require(last)
      #expect(partial.count == bytes.count && partial.start == position(20, packet: 2))
      #expect(found.payloadBytes == whole?.payloadBytes && found.maskingKey == whole?.maskingKey)
      #expect(found.firstByte == whole?.firstByte && found.headerBytes == whole?.headerBytes)
    }
  }
}
