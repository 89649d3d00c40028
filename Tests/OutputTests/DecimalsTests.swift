import Output
import TestSupport
import Testing

@Suite struct DecimalsTests {
  @Test(
    "A number prints as the library prints it",
    arguments: [
      0, 1, 9, 10, 99, 100, 99_999_999, 100_000_000, 100_000_001, 9_999_999_999_999_999,
      10_000_000_000_000_000,
      .max - 1, .max,
    ] as [UInt64])
  func prints(value: UInt64) {
    #expect(written { $0.append(decimal: value) } == String(value))
  }

  @Test func randomNumbersOfEveryLengthPrint() {
    var random = SeededRandom.fresh()
    for _ in 0..<5_000 {
      let value = random.next() >> UInt64.random(in: 0..<64, using: &random)
      let signed = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
      #expect(written { $0.append(decimal: value) } == String(value), "\(random)")
      #expect(written { $0.append(decimal: signed) } == String(signed), "\(random)")
    }
    #expect(written { $0.append(decimal: Int64.min) } == String(Int64.min))
    #expect(written { $0.append(decimal: Int8(-7)) } == "-7")
  }

  @Test func fixedDigitsKeepTheirZeros() {
    for digits in 1...16 {
      let expected = String(repeating: "0", count: digits) + "12345678901234567"
      #expect(
        written { $0.append(decimal: 12_345_678_901_234_567, digits: digits) }
          == "12345678901234567".suffix(digits))
      #expect(written { $0.append(decimal: 7, digits: digits) } == (expected.prefix(digits - 1) + "7"))
    }
  }

  @Test func hexadecimalDigitsAreLowerCase() {
    #expect(written { $0.append(hex: 0xDEAD_BEEF, digits: 8) } == "deadbeef")
    #expect(written { $0.append(hex: 0xDEAD_BEEF, digits: 2) } == "ef")
    #expect(written { $0.append(hex: 0xF, digits: 16) } == "000000000000000f")
  }

  @Test func aNumberAlignsToTheRight() {
    #expect(written { $0.append(decimal: 42, width: 6) } == "    42")
    #expect(written { $0.append(decimal: 1_234_567, width: 6) } == "1234567")
  }

  @Test(
    "Nanoseconds print as exact seconds",
    arguments: [
      (0, "0"), (60_120_000_000, "60.12"), (1, "0.000000001"), (-500_000_000, "-0.5"), (3_000_000_000, "3"),
      (100_000_000_000, "100"), (10, "0.00000001"), (.max, "9223372036.854775807"),
      (.min, "-9223372036.854775808"),
    ] as [(Int64, String)])
  func seconds(nanoseconds: Int64, text: String) {
    #expect(written { $0.append(seconds: nanoseconds) } == text)
  }
}
