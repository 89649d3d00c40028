import TestSupport
import Testing

@testable import Output

@Suite struct HexPreviewTests {
  @Test(
    "Binary shows as hexadecimal and characters, as much as fits",
    arguments: [
      ([], 80, ""), ([0xDE, 0xAD, 0x41, 0x7F], 80, "de ad 41 7f  |..A.|"),
      ([0xDE, 0xAD, 0x41, 0x7F], 19, "de ad 41 7f  |..A.|"),
      ([0xDE, 0xAD, 0x41, 0x7F], 18, "de ad 41 …  |..A|"),
      ([0xDE, 0xAD], 9, "de …  |.|"), ([0xDE, 0xAD], 8, "…"), ([0xDE], 7, "de  |.|"), ([0xDE], 1, "…"),
      ([0xDE], 0, ""),
    ] as [([UInt8], Int, String)])
  func shows(bytes: [UInt8], width: Int, text: String) {
    let (shown, columns) = preview(bytes, width, false)
    #expect(shown == text)
    #expect(columns == text.unicodeScalars.count)
  }

  @Test func aShortenedPayloadAlwaysSaysSo() {
    #expect(preview([0xDE, 0xAD], 80, true).text == "de ad …  |..|")
    #expect(preview([], 80, true).text == "…")
  }

  @Test func theWidthIsNeverExceeded() {
    var random = SeededRandom.fresh()
    for width in 0..<60 {
      for count in 0..<20 {
        let (text, columns) = preview(random.bytes(count), width, Bool.random(using: &random))
        #expect(columns <= width && text.unicodeScalars.count == columns)
      }
    }
  }

  private func preview(_ bytes: [UInt8], _ width: Int, _ isShortened: Bool) -> (text: String, columns: Int) {
    var columns = 0
    let text = written {
      columns = HexPreview.write(bytes.span, width: width, isShortened: isShortened, to: &$0)
    }
    return (text, columns)
  }
}
