import TestSupport
import Testing

@testable import Output

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct TerminalTextTests {
  @Test(
    "What could command, hide or deceive is spelled out",
    arguments: [
      ("nick 999", "nick 999"), (#"{"a":"b\n"}"#, #"{"a":"b\n"}"#), ("a\nb\rc\td", #"a\nb\rc\td"#),
      ("\u{1B}]0;title\u{7}", #"\x1b]0;title\x07"#), ("\u{0}\u{7F}", #"\x00\x7f"#),
      ("\u{9B}31m", #"\u{9b}31m"#),
      ("a\u{202E}b\u{2066}", #"a\u{202e}b\u{2066}"#), ("a\u{200B}b\u{FEFF}", #"a\u{200b}b\u{feff}"#),
      ("\u{2028}\u{2029}", #"\u{2028}\u{2029}"#),
      ("\u{E0041}\u{E000}\u{FFFF}", #"\u{e0041}\u{e000}\u{ffff}"#),
      ("\u{10FFFD}\u{378}", #"\u{10fffd}\u{378}"#), ("\u{3164}\u{34F}", #"\u{3164}\u{34f}"#),
      ("新用户:999", "新用户:999"), ("naïve Ω שלום", "naïve Ω שלום"),
    ])
  func spells(payload: String, shown: String) {
    #expect(show(Array(payload.utf8), 200).text == shown)
  }

  @Test(
    "Bytes that are not UTF-8 show one by one",
    arguments: [
      ([0xFF, 0x41], #"\xffA"#), ([0xC3, 0x28], #"\xc3("#), ([0xE2, 0x82], #"\xe2\x82"#),
      ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#), ([0xC0, 0xAF], #"\xc0\xaf"#),
    ] as [([UInt8], String)])
  func showsInvalidBytes(payload: [UInt8], shown: String) {
    #expect(show(payload, 200).text == shown)
  }

  @Test(
    "A text is cut only when it does not fit, and says so",
    arguments: [
      ("abcd", 4, "abcd"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("a", 1, "a"), ("abcd", 0, ""), ("", 5, ""),
      ("abcd", -1, ""), ("新用户", 6, "新用户"), ("新用户", 5, "新用…"), ("新用户", 4, "新…"), ("新用户", 2, "…"),
      ("新", 2, "新"), ("ab\n", 4, #"ab\n"#), ("ab\n", 3, "ab…"), ("ab\u{1B}", 6, #"ab\x1b"#),
      ("ab\u{1B}", 5, "ab…"), ("cafe\u{301}", 4, "cafe\u{301}"), ("cafe\u{301}s", 4, "caf…"),
      ("abcdefghijklmnop", 16, "abcdefghijklmnop"), ("abcdefghijklmnop", 15, "abcdefghijklmn…"),
    ])
  func cuts(payload: String, width: Int, shown: String) {
    #expect(show(Array(payload.utf8), width).text == shown)
  }

  @Test(
    "What the caller shortened ends in an ellipsis, without the rest of a character cut in two",
    arguments: [
      (Array("abcd".utf8), 10, "abcd…"), (Array("abcd".utf8), 4, "abc…"),
      (Array("新用".utf8.dropLast()), 10, "新…"),
      ([], 3, "…"), (Array("ab😀".utf8.dropLast(3)), 3, "ab…"),
    ] as [([UInt8], Int, String)])
  func showsShortened(payload: [UInt8], width: Int, shown: String) {
    #expect(show(payload, width, isShortened: true).text == shown)
  }

  @Test(
    "A line of the program's own is cut with its colours, which end where they ended",
    arguments: [
      ("abcd", 4, "abcd"), ("abcd", 3, "ab…"),
      ("\u{1B}[31mabcd\u{1B}[0m", 4, "\u{1B}[31mabcd\u{1B}[0m"),
      ("\u{1B}[31mabcd\u{1B}[0m", 3, "\u{1B}[31mab…\u{1B}[0m"),
      ("a\u{1B}[1;31mbcd\u{1B}[0m e\u{1B}[2mf\u{1B}[m", 3, "a\u{1B}[1;31mb…\u{1B}[0m\u{1B}[2m\u{1B}[m"),
      // What only begins like a colour is none.
      ("abcd\u{1B}[3", 3, "ab…"), ("abcd\u{1B}[", 3, "ab…"), ("abcd\u{1B}", 3, "ab…"),
      ("abcd\u{1B}[3;", 3, "ab…"), ("abcd\u{1B}[3xm", 3, "ab…"), ("abcd\u{1B}]3m", 3, "ab…"),
      ("新用户", 5, "新用…"), ("新用户", 4, "新…"),
    ])
  func cutsOwnLines(line: String, width: Int, shown: String) {
    var buffer = OutputBuffer()
    TerminalText.writeCut(Array(line.utf8).span, width: width, to: &buffer)
    #expect(String(decoding: buffer.bytes.toArray(), as: UTF8.self) == shown)
  }

  @Test(
    "Columns are counted so that no terminal has to wrap",
    arguments: [
      ("é", 1), ("e\u{301}", 1), ("新", 2), ("ｆ", 2), ("😀", 2), ("❤", 1), ("❤\u{FE0F}", 2),
      ("1\u{FE0F}\u{20E3}", 2),
      ("👩‍🚀", 4), ("👍🏽", 4), ("🇩🇪", 4), ("한국", 4), ("\u{202E}", 8),
    ])
  func counts(payload: String, columns: Int) {
    #expect(show(Array(payload.utf8), 100).columns == columns)
  }

  @Test func marksJoinACharacterOfThePayloadAndDoNotPileUp() {
    #expect(show(Array("\u{301}a".utf8), 50).text == #"\u{301}a"#)
    #expect(show(Array("\n\u{301}".utf8), 50).text == #"\n\u{301}"#)
    let pile = show(Array(("a" + String(repeating: "\u{301}", count: 1000)).utf8), 50)
    #expect(
      pile.text == "a\u{301}\u{301}\u{301}\u{301}" + #"\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}…"#)
  }

  @Test func aJoinerShowsAsItselfBetweenEmojiOnly() {
    #expect(show(Array("👩\u{200D}🚀".utf8), 50).text == "👩\u{200D}🚀")
    #expect(show(Array("❤\u{FE0F}\u{200D}🔥".utf8), 50).text == "❤\u{FE0F}\u{200D}🔥")
    #expect(show(Array("a\u{200D}b".utf8), 50).text == #"a\u{200d}b"#)
    #expect(show(Array("👩\u{200D}".utf8), 50).text == #"👩\u{200d}"#)
    #expect(show(Array("👩\u{200D}\u{200D}🚀".utf8), 50).text == #"👩\u{200d}\u{200d}🚀"#)
  }

  @Test func nothingReachesTheTerminalThatIsNotTextAndNoLineOverflows() {
    var random = SeededRandom.fresh()
    let columnsOf = SystemColumns()
    for _ in 0..<3_000 {
      let payload = random.nearlyUTF8(upTo: 80)
      let width = Int.random(in: 0...100, using: &random)
      let isShortened = Bool.random(using: &random)
      let (text, columns) = show(payload, width, isShortened: isShortened)
      #expect(columns <= width, "\(random)")
      #expect(columnsOf.text(text) <= columns, "\(random): \(text)")
      #expect(!text.unicodeScalars.contains(where: isDangerous), "\(random): \(text)")
      if isShortened, width > 0 { #expect(text.hasSuffix("…")) }
    }
  }

  @Test func theTableAgreesWithTheStandardLibrary() {
    var lookup = CharacterWidthLookup()
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let width = lookup.width(of: value)
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse:
        if width != .hidden { Issue.record("U+\(String(value, radix: 16)) is not hidden") }
      case .nonspacingMark, .enclosingMark:
        if width != .mark && width != .hidden { Issue.record("U+\(String(value, radix: 16)) is not a mark") }
      case .unassigned:
        // The library may know an older Unicode than the table.
        break
      default:
        let isIgnorable = scalar.properties.isDefaultIgnorableCodePoint
        if (width == .hidden) != isIgnorable || width == .mark {
          Issue.record("U+\(String(value, radix: 16)) is \(width)")
        }
        if scalar.properties.isEmojiPresentation && width != .wide {
          Issue.record("U+\(String(value, radix: 16)) is an emoji of one column")
        }
      }
    }
  }
}

private func show(_ payload: [UInt8], _ width: Int, isShortened: Bool = false) -> (text: String, columns: Int)
{
  var buffer = OutputBuffer()
  let columns = TerminalText.write(payload.span, width: width, isShortened: isShortened, to: &buffer)
  let text = String(validating: buffer.bytes.toArray(), as: UTF8.self)
  return (text ?? "invalid UTF-8", columns)
}

private func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: return true
  case .format: return scalar != "\u{200D}"
  default: return false
  }
}

/// The modules of the C libraries do not show it.
@_silgen_name("wcwidth")
private func wcwidth(_ character: wchar_t) -> Int32

/// The width of text as the C library sees it: not our table.
private struct SystemColumns {
  init() { _ = unsafe setlocale(LC_CTYPE, "C.UTF-8") }

  func text(_ text: String) -> Int {
    // A library older than the character says -1: nothing to compare.
    text.unicodeScalars.map { max(0, Int(wcwidth(wchar_t($0.value)))) }.reduce(0, +)
  }
}
