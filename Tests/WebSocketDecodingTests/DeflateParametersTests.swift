import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite("What two sides agreed on about compression")
struct DeflateParametersTests {
  typealias Parameters = [(name: String, value: String?)]

  @Test(
    "A window is 8 to 15 bits; anything else leaves the default",
    arguments: [
      (nil, 15), ("", 15), ("7", 15), ("8", 8), ("9", 9), ("15", 15), ("16", 15), ("x", 15), ("-9", 15),
    ] as [(String?, Int)])
  func windowBits(value: String?, bits: Int) {
    for name in ["server_max_window_bits", "Server_Max_Window_Bits"] {
      let agreed = DeflateParameters(parameters: [(name, value)])
      #expect((agreed.serverMaxWindowBits, agreed.clientMaxWindowBits) == (bits, 15))
      #expect(agreed.compression(of: .server).windowBits == UInt8(bits))
      #expect(agreed.compression(of: .client).windowBits == 15)
    }
    let agreed = DeflateParameters(parameters: [("client_max_window_bits", value)])
    #expect((agreed.serverMaxWindowBits, agreed.clientMaxWindowBits) == (15, bits))
    #expect(agreed.compression(of: .client).windowBits == UInt8(bits))
  }

  @Test("Each side may be the one that forgets", arguments: Side.allCases)
  func forgetting(side: Side) {
    let agreed = DeflateParameters(parameters: [("\(side.name)_no_context_takeover", nil), ("x", "1")])
    #expect(agreed.compression(of: side).forgetsContext)
    #expect(!agreed.compression(of: side.peer).forgetsContext)
    #expect(!agreed.isPerFrame && !agreed.compression(of: side).isPerFrame)
  }

  @Test("On deflate-frame, each side states what its peer has to observe") func perFrame() {
    let client: Parameters = [("Max_Window_Bits", "9"), ("no_context_takeover", nil)]
    let agreed = DeflateParameters(frameParametersOfClient: client, server: [("max_window_bits", "10")])
    #expect(agreed.isPerFrame)
    #expect((agreed.serverMaxWindowBits, agreed.clientMaxWindowBits) == (9, 10))
    #expect((agreed.serverNoContextTakeover, agreed.clientNoContextTakeover) == (true, false))
    let other = DeflateParameters(frameParametersOfClient: [], server: [("no_context_takeover", nil)])
    #expect((other.serverMaxWindowBits, other.clientMaxWindowBits) == (15, 15))
    #expect((other.serverNoContextTakeover, other.clientNoContextTakeover) == (false, true))
    #expect(other.compression(of: .client) == SideCompression(forgetsContext: true, isPerFrame: true))
    let wrong = DeflateParameters(frameParametersOfClient: [("max_window_bits", "16")], server: [])
    #expect(wrong.serverMaxWindowBits == 15)
  }

  @Test("No compression is no compression") func none() {
    #expect(!SideCompression.none.isAllowed)
    #expect(SideCompression().isAllowed)
  }
}
