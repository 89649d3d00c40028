import Testing

@testable import Output

@Suite("How much compression saved")
struct CompressionRatioTests {
  @Test(
    "In hundredths, rounded down, up to a million times",
    arguments: [
      (0, 0, 0, "0.0×"), (1, 0, 0, "0.0×"), (0, 1, 0, "0.0×"), (340, 100, 340, "3.4×"),
      (349, 100, 349, "3.4×"),
      (1, 3, 33, "0.3×"), (999_999, 1, 99_999_900, "999999.0×"), (1_000_000, 1, 100_000_000, "1000000.0×"),
      (1_000_001, 1, 100_000_000, "1000000.0×"), (.max, 1, 100_000_000, "1000000.0×"),
    ] as [(UInt64, UInt64, UInt64, String)])
  func ratio(bytes: UInt64, compressed: UInt64, hundredths: UInt64, text: String) {
    let ratio = CompressionRatio(bytes, compressed)
    #expect(ratio.hundredths == hundredths)
    #expect(String(writing: { ratio.write(to: &$0) }) == text)
  }
}
