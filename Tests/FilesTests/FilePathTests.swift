import Files
import TestSupport
import Testing

@Suite("Paths")
struct FilePathTests {
  @Test(
    "Are shown as text, with the bytes that are none",
    arguments: [
      ("capture.pcap", "capture.pcap"), ("\u{E9}t\u{E9}/日本", "\u{E9}t\u{E9}/日本"), ("a\\xe9", "a\\xe9"),
      ("\u{10FFE9}", "\\xf4\\x8f\\xbf\\xa9"), ("\u{10FF7F}", "\u{10FF7F}"), ("", ""),
    ])
  func shown(text: String, description: String) {
    #expect(FilePath(text).description == description)
    #expect(FilePath(text).bytes == Array(text.utf8))
  }

  @Test(
    "Show each byte that is not UTF-8",
    arguments: [
      ([0x63, 0xE9, 0x2E], "c\\xe9."), ([0xFF, 0xFE], "\\xff\\xfe"), ([0xE2, 0x82, 0x41], "\\xe2\\x82A"),
      ([0xC0, 0xAF], "\\xc0\\xaf"), ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
      ([0xF4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"), ([0xC3, 0xA9, 0xC3], "\u{E9}\\xc3"),
    ] as [([UInt8], String)])
  func bytes(bytes: [UInt8], description: String) {
    #expect(FilePath(bytes: bytes).description == description)
    #expect(!FilePath(bytes: bytes).isText)
  }

  @Test("Come back from the text that the parser of arguments gets, and no two have the same") func argument()
  {
    var random = SeededRandom.fresh()
    var seen: [String: [UInt8]] = [:]
    let pieces: [[UInt8]] = [
      [0xE9], [0xC3], [0xA9], [0xF4, 0x8F, 0xBF, 0xA9], [0xF4, 0x8F], [0xBF], Array("a".utf8),
      Array("\u{10FFFF}".utf8), Array("é".utf8), Array("e\u{301}".utf8), [0xEF, 0xBF, 0xBD],
    ]
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...5, using: &random)).flatMap { _ in
        Bool.random(using: &random)
          ? pieces.randomElement(using: &random) ?? [] : [UInt8.random(in: 1...255, using: &random)]
      }
      let text = ArgumentText.text(of: bytes)
      #expect(ArgumentText.bytes(of: text) == bytes, "\(bytes), seed \(random.seed)")
      // Strings that are canonically equivalent are equal, so their code points count.
      let key = text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
      #expect(seen[key].map { $0 == bytes } ?? true, "\(bytes), seed \(random.seed)")
      seen[key] = bytes
      let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
      if !isUTF8 { #expect(!FilePath(bytes: bytes).isText) }
    }
  }

  @Test(
    "Have a folder and a name",
    arguments: [
      ("a", ".", "a", "b"), ("/a", "/", "a", "/b"), ("x/y/a", "x/y/", "a", "x/y/b"), ("x/", "x/", "", "x/b"),
    ])
  func parts(path: String, folder: String, name: String, sibling: String) {
    #expect(FilePath(path).folder == FilePath(folder))
    #expect(FilePath(path).name == FilePath(name))
    #expect(FilePath(path).sibling(FilePath("b")) == FilePath(sibling))
  }

  @Test("Are in the order of their bytes") func order() {
    let paths = [[0x61], [0x61, 0x62], [0x62], [0xE9], [0xEA, 0x01]].map { FilePath(bytes: $0 as [UInt8]) }
    #expect(paths.shuffled().sorted() == paths)
  }
}
