import TestSupport
import Testing

@testable import CaptureInput

@Suite("What is said of an input that is no capture")
struct CaptureErrorTests {
  private static let zeros = [UInt8](repeating: 0, count: 20)
  private static let unknown =
    "has an unknown file format: it begins like neither pcap nor pcapng; if Wireshark opens it, "
    + "try: editcap -F pcapng NAME capture.pcapng"

  /// Its first bytes, the whole text after its name, and whether it is another kind of file.
  static let refused: [(bytes: [UInt8], words: String, isAboutOtherFile: Bool)] = [
    ([], "is empty: not even a file header was written", true),
    (
      [0xd4, 0xc3, 0xb2],
      "cannot be read as a capture: the file ends within its first four bytes: 3 of 4 bytes",
      true
    ),
    ([0xfd, 0x37, 0x7a, 0x58] + zeros, "is compressed with xz; try: xzcat NAME | wstap -", true),
    (Array("BZh1".utf8) + zeros, "is compressed with bzip2; try: bzcat NAME | wstap -", true),
    (Array("BZh9".utf8) + zeros, "is compressed with bzip2; try: bzcat NAME | wstap -", true),
    (Array("PK\u{3}\u{4}".utf8) + zeros, "is a zip archive; try: unzip -p NAME | wstap -", true),
    (
      Array("snoop\0\0\0".utf8) + zeros, "is a snoop file; try: editcap -F pcapng NAME capture.pcapng", true
    ),
    (Array("Gzip".utf8) + zeros, unknown, true),
    ([0x0a, 0x0d, 0x0d, 0x0a] + zeros + zeros, unknown, true),
    (
      [0xa1, 0xb2, 0xc3, 0xd4, 0, 9] + zeros.prefix(18),
      "is a pcap file of an unknown version, which libpcap cannot read either", false
    ),
    (
      [0xa1, 0xb2, 0xc3, 0xd4, 0, 2],
      "cannot be read as a capture: the file ends within its file header: 6 of 24 bytes", false
    ),
    (
      [0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0],
      "cannot be read as a capture: the file ends within its section header: 8 of 28 bytes", false
    ),
  ]

  @Test("Its first bytes tell what it is and what to do", arguments: refused.indices)
  func refusal(index: Int) {
    let (bytes, words, isAboutOtherFile) = Self.refused[index]
    for (name, path) in [("dir/x", "dir/x"), ("standard input", "FILE")] {
      let error = #expect(throws: CaptureError.self) {
        _ = try SavefileReader(MemorySource(bytes), name: name)
      }
      #expect(error?.description == "\(name) \(words.replacing("NAME", with: path))")
      #expect(error?.isAboutOtherFile == isAboutOtherFile)
    }
  }

  @Test("It is its text") func text() {
    #expect("\(CaptureError("no such file"))" == "no such file")
    #expect(!CaptureError("").isAboutOtherFile)
  }
}
