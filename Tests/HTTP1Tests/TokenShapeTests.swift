import Testing

@testable import HTTP1

@Suite struct TokenShapeTests {
  @Test(
    "Keys of known vendors and JWTs are known, and found after other words",
    arguments: [
      "AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "sk-proj-abcdEFGH12345678ijkl",
      "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "xoxb-123456789012-abcdefGHIJ",
      "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
      "glpat-abcdefghij0123456789", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-_",
    ])
  func known(token: String) {
    func isKnown(_ text: String) -> Bool { TokenShape.isKnown(Array(text.utf8).span) }
    func known(_ text: String) -> Range<Int>? { TokenShape.known(in: Array(text.utf8).span, from: 0) }
    #expect(isKnown(token))
    #expect(known("see \(token) x") == 4..<4 + token.utf8.count)
    #expect(known("x\(token)") == nil)
  }

  @Test(
    "Only what a generator makes is random",
    arguments: [
      ("Zq7Xw2Lm9Kd4Rt8Vb3Nc6H", true), ("lv_VI97HAXpY6yYWAAABx2Q9", true), ("4f9a8b7c6d5e4f3a2b1c", true),
      ("x4f9aB8b%2Fc6d5e%2B4f3a2b1c0d9eQ%3D", true), ("AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", true),
      ("9f8e7d6c-5b4a-4938-a716-253443526170", false), ("01HZY3V5K8Q2W4E6R8T0Y2U4I6", false),
      ("01hzy3v5k8q2w4e6r8t0y2u4i6", false), ("507f1f77bcf86cd799439011", false),
      ("9fceb02d0ae598e95dc970b74767f19372d61af8", false), ("user_12345_notifications_v2", false),
      ("IMG_20260101_123456789_HDR.jpg", false), ("12345678901234567890123", false),
      ("CamelCaseNamesOfManyWords2", false), ("room-2026-11-21-general-channel", false),
      ("sk-learn-for-everybody", false),
      ("%", false), ("%4", false), ("", false),
    ])
  func random(text: String, isRandom: Bool) {
    let found = TokenShape.isRandom(Array(text.utf8).span)
    #expect(found == isRandom)
  }
}
