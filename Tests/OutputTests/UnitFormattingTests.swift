import Testing

@testable import Output

@Suite struct UnitFormattingTests {
  @Test(
    "A size has one decimal from a kibibyte on",
    arguments: [
      (0, "0 B"), (8, "8 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1448, "1.4 KiB"), (65_536, "64.0 KiB"),
      (1_048_524, "1023.9 KiB"), (1_048_575, "1.0 MiB"), (5_368_709_120, "5.0 GiB"), (1 << 60, "1.0 EiB"),
      (.max, "16.0 EiB"),
    ] as [(UInt64, String)])
  func sizes(bytes: UInt64, text: String) {
    #expect(written { ByteSize(bytes).write(to: &$0) } == text)
  }

  @Test func sizesAlignToTheRight() {
    #expect(written { ByteSize(8).write(to: &$0, width: 8) } == "     8 B")
    #expect(written { ByteSize(1448).write(to: &$0, width: 8) } == " 1.4 KiB")
    #expect(written { ByteSize(1_048_524).write(to: &$0, width: 8) } == "1023.9 KiB")
  }

  @Test(
    "A duration has two or three figures",
    arguments: [
      (0, "0 ns"), (999, "999 ns"), (734_400, "734 µs"), (999_600, "1.0 ms"), (1_200_000, "1.2 ms"),
      (12_400_000, "12 ms"), (999_600_000, "1.0 s"), (60_120_000_000, "60.1 s"), (119_949_000_000, "119.9 s"),
      (120_000_000_000, "2 min"), (243_000_000_000, "4 min 3 s"), (3_599_600_000_000, "1 h"),
      (7_500_000_000_000, "2 h 5 min"), (183_600_000_000_000, "2 d 3 h"), (-12_000_000, "-12 ms"),
      (.max, "106752 d"), (.min, "-106752 d"),
    ] as [(Int64, String)])
  func durations(nanoseconds: Int64, text: String) {
    #expect(written { TimeSpan(nanoseconds).write(to: &$0) } == text)
  }

  @Test(
    "A relative time has its sign and six digits, cut",
    arguments: [
      (0, "+0.000000"), (12_911_999, "+0.012911"), (-120_000, "-0.000120"),
      (3_600_000_000_000, "+3600.000000"),
      (.min, "-9223372036.854775"),
    ] as [(Int64, String)])
  func relativeTimes(nanoseconds: Int64, text: String) {
    #expect(written { RelativeTime(nanoseconds).write(to: &$0) } == text)
    #expect(
      written { RelativeTime(nanoseconds).write(to: &$0, width: 12) }.utf8.count == max(12, text.utf8.count))
  }

  @Test func oneThingIsSingular() {
    #expect(written { Count(1, "message").write(to: &$0) } == "1 message")
    #expect(written { Count(0, "message").write(to: &$0) } == "0 messages")
    #expect(written { Count(3, "reply", plural: "replies").write(to: &$0) } == "3 replies")
  }
}
