import Testing
import WireBytes

@Suite struct CaptureTimeTests {
  @Test(
    "A moment prints as RFC 3339 in UTC with nine digits",
    arguments: [
      (0, "1970-01-01T00:00:00.000000000Z"),
      (1_795_165_923_123_456_789, "2026-11-20T09:12:03.123456789Z"),
      (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
      (-1, "1969-12-31T23:59:59.999999999Z"),
      (4_102_444_799_999_999_999, "2099-12-31T23:59:59.999999999Z"),
    ] as [(Int64, String)])
  func prints(nanoseconds: Int64, text: String) {
    #expect(CaptureTime(nanoseconds: nanoseconds).description == text)
  }

  @Test func secondsThatNoClockShowsSaturateInsteadOfTrapping() {
    #expect(CaptureTime(seconds: .max, nanoseconds: .max).nanoseconds == .max)
    #expect(CaptureTime(seconds: .min, nanoseconds: 0).nanoseconds == .min)
    let far = CaptureTime(nanoseconds: .max).nanoseconds(since: CaptureTime(nanoseconds: .min))
    #expect(far == .max)
    #expect(!CaptureTime(nanoseconds: .min).description.isEmpty)
  }
}
