import TestSupport
import Testing

@testable import Output

@Suite struct Base64Tests {
  @Test(
    "The vectors of RFC 4648 §10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(text: String, encoded: String) {
    #expect(written { Base64.write(Array(text.utf8).span, to: &$0) } == encoded)
  }

  @Test func everyCharacterOfTheAlphabetComesFromItsValue() {
    // Six bits each, 0 to 63, packed.
    var bits: [UInt8] = []
    for group in stride(from: 0, to: 64, by: 4) {
      let value = group << 18 | (group + 1) << 12 | (group + 2) << 6 | (group + 3)
      bits += [UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
    #expect(written { Base64.write(bits.span, to: &$0) } == alphabet)
  }

  @Test func randomBytesEncodeAsASlowReferenceDoes() {
    var random = SeededRandom.fresh()
    for length in [0...80, 12_280...12_300].joined() {
      let bytes = random.bytes(length)
      #expect(
        written { Base64.write(bytes.span, to: &$0) } == reference(bytes), "\(random), length \(length)")
    }
  }
}

private let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

private func reference(_ bytes: [UInt8]) -> String {
  let characters = Array(alphabet)
  var result = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let three = bytes[start..<min(start + 3, bytes.count)]
    var value = 0
    for place in 0..<3 { value = value << 8 | (place < three.count ? Int(three[start + place]) : 0) }
    for place in 0..<4 {
      result.append(place > three.count ? "=" : characters[value >> (18 - 6 * place) & 63])
    }
  }
  return result
}
