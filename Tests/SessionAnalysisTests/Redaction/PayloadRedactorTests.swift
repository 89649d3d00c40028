import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite("Members hidden in payloads")
struct PayloadRedactorTests {

  private static func shown(
    _ payload: String, hiding names: [String] = ["password"], known: Int? = nil
  ) throws -> String {
    let redactor = PayloadRedactor(try #require(MemberNames(names)))
    let bytes = Array(payload.utf8)
    guard redactor.hides(in: bytes.span, known: known ?? bytes.count) else { return payload }
    return String(decoding: redactor.shown, as: UTF8.self).withoutMarks
  }

  private static let kinds: [(String, String)] = [
    // Values of any type.
    (#"{"user":"ann","password":"hunter2","n":1}"#, #"{"user":"ann","password":"[redacted]","n":1}"#),
    (#"{"password":12.5e3,"n":1}"#, #"{"password":"[redacted]","n":1}"#),
    (#"{"password":true}"#, #"{"password":"[redacted]"}"#),
    (#"{"password" : null , "n":1}"#, #"{"password" : "[redacted]" , "n":1}"#),
    (#"{"password":""}"#, #"{"password":"[redacted]"}"#),
    (#"{"password":{"a":"}","b":["]",{"c":1}]},"n":1}"#, #"{"password":"[redacted]","n":1}"#),
    (#"{"password":["a","b"],"n":1}"#, #"{"password":"[redacted]","n":1}"#),
    (#"{"password":[],"n":1}"#, #"{"password":"[redacted]","n":1}"#),
    (#"{"password":"a\"b\\","n":"x"}"#, #"{"password":"[redacted]","n":"x"}"#),
    (#"{"password":"a","password":"b"}"#, #"{"password":"[redacted]","password":"[redacted]"}"#),
    (#"{"a":{"b":[{"password":"x"}]}}"#, #"{"a":{"b":[{"password":"[redacted]"}]}}"#),
    ("{\n  \"password\": \"x y\",\n  \"n\": 1\n}", "{\n  \"password\": \"[redacted]\",\n  \"n\": 1\n}"),
    // Names.
    (#"{"PassWord":"x"}"#, #"{"PassWord":"[redacted]"}"#),
    (#"{"\u0070assword":"x"}"#, #"{"\u0070assword":"[redacted]"}"#),
    (#"{"pass\u0057ord":"x"}"#, #"{"pass\u0057ord":"[redacted]"}"#),
    (#"{"pass_word":"x","pass-word":"y"}"#, #"{"pass_word":"[redacted]","pass-word":"[redacted]"}"#),
    (
      #"{"passwords":"x","mypassword":"y","passwor":"z"}"#,
      #"{"passwords":"x","mypassword":"y","passwor":"z"}"#
    ),
    (#"["password","x"]"#, #"["password","x"]"#),
    (#"{"a":"password","b":"x"}"#, #"{"a":"password","b":"x"}"#),
    (#"{"user's":1,"password":"x"}"#, #"{"user's":1,"password":"[redacted]"}"#),
    // JSON in what is around it.
    (#"42["login",{"password":"x"}]"#, #"42["login",{"password":"[redacted]"}]"#),
    (
      #"451-/chat,3["login",{"password":"x","f":{"_placeholder":true,"num":0}}]"#,
      #"451-/chat,3["login",{"password":"[redacted]","f":{"_placeholder":true,"num":0}}]"#
    ),
    (
      "{\"type\":1,\"arguments\":[{\"password\":\"x\"}]}\u{1e}{\"password\":2}\u{1e}",
      "{\"type\":1,\"arguments\":[{\"password\":\"[redacted]\"}]}\u{1e}{\"password\":\"[redacted]\"}\u{1e}"
    ),
    (
      "{\"password\":1}\n{\"password\":\"b\"}\n{\"n\":2}\n",
      "{\"password\":\"[redacted]\"}\n{\"password\":\"[redacted]\"}\n{\"n\":2}\n"
    ),
    (
      "SEND\ndestination:/a\ncontent-type:application/json\n\n{\"password\":\"x\"}\0",
      "SEND\ndestination:/a\ncontent-type:application/json\n\n{\"password\":\"[redacted]\"}\0"
    ),
    (
      "CONNECT\nlogin:ann\npassword:a, b\nhost:h\n\n\0",
      "CONNECT\nlogin:ann\npassword:[redacted]\nhost:h\n\n\0"
    ),
    (
      #"{"id":"1","type":"subscribe","payload":{"query":"mutation { login(user: \"a\", password: \"x\") }","variables":{"password":"y"}}}"#,
      #"{"id":"1","type":"subscribe","payload":{"query":"mutation { login(user: \"a\", password: \"[redacted]\") }","variables":{"password":"[redacted]"}}}"#
    ),
    // A quotation mark that nothing closes before it.
    (#"said: "{"password":"x"}"#, #"said: "{"password":"[redacted]"}"#),
    // JSON in strings of JSON.
    (
      #"{"data":"{\"password\":\"x\",\"n\":1}","k":1}"#,
      #"{"data":"{\"password\":\"[redacted]\",\"n\":1}","k":1}"#
    ),
    (#"{"data":"{\"password\":12}","k":1}"#, #"{"data":"{\"password\":\"[redacted]\"}","k":1}"#),
    (#"{"data":"{\"password\":{\"a\":\"}\"}}","k":1}"#, #"{"data":"{\"password\":\"[redacted]\"}","k":1}"#),
    (#"{"data":"{\n  \"password\": \"a\\\"b\"\n}"}"#, #"{"data":"{\n  \"password\": \"[redacted]\"\n}"}"#),
    (
      #"["{\"d\":\"{\\\"password\\\":\\\"x\\\",\\\"n\\\":1}\"}"]"#,
      #"["{\"d\":\"{\\\"password\\\":\\\"[redacted]\\\",\\\"n\\\":1}\"}"]"#
    ),
    (
      #"["{\"d\":\"{\\\"password\\\":[1,\\\"]\\\"]}\"}"]"#,
      #"["{\"d\":\"{\\\"password\\\":\\\"[redacted]\\\"}\"}"]"#
    ),
    (#"{"data":"{\"\\u0070assword\":\"x\"}"}"#, #"{"data":"{\"\\u0070assword\":\"[redacted]\"}"}"#),
    (
      #"{"data":"{\u0022password\u0022:\u0022x\u0022,\u0022n\u0022:1}"}"#,
      #"{"data":"{\u0022password\u0022:\u0022[redacted]\u0022,\u0022n\u0022:1}"}"#
    ),
    (#"{"data":"{\u0022password\u0022:7}"}"#, #"{"data":"{\u0022password\u0022:\u0022[redacted]\u0022}"}"#),
    (
      #"["{\u0022d\u0022:\u0022{\\u0022password\\u0022:\\u0022x\\u0022}\u0022}"]"#,
      #"["{\u0022d\u0022:\u0022{\\u0022password\\u0022:\\u0022[redacted]\\u0022}\u0022}"]"#
    ),
    // What is no JSON, but means the same.
    (#"{'password':'it"s','n':1}"#, #"{'password':'[redacted]','n':1}"#),
    (#"{password: "x", n: 1}"#, #"{password: "[redacted]", n: 1}"#),
    // Quotes that were not escaped.
    (#"{"password":"ab"cd","n":1}"#, #"{"password":"[redacted]","n":1}"#),
    // What is cut within a value.
    (#"{"n":1,"password":"hun"#, #"{"n":1,"password":"[redacted]"#),
    (#"{"n":1,"password":12"#, #"{"n":1,"password":"[redacted]""#),
    (#"{"n":1,"password":{"a":[1,"b"#, #"{"n":1,"password":"[redacted]""#),
    (#"{"data":"{\"password\":\"hun"#, #"{"data":"{\"password\":\"[redacted]"#),
    (#"{"data":"{\"password\":\"hun","n":1}"#, #"{"data":"{\"password\":\"[redacted]","n":1}"#),
    (#"{"n":1,"password":"#, #"{"n":1,"password":"#),
    (#"{"n":1,"password""#, #"{"n":1,"password""#),
  ]

  @Test("A value is hidden whatever it is and wherever the JSON is, and nothing else", arguments: kinds)
  func hides(payload: String, shown: String) throws {
    #expect(try Self.shown(payload) == shown)
  }

  @Test("What is found in text is found between any bytes")
  func binary() throws {
    let redactor = PayloadRedactor(try #require(MemberNames(["token"])))
    let bytes = [0x00, 0xFF, 0x22, 0x80] + Array(#"{"token":"abc","n":1}"#.utf8) + [0xFE, 0x00]
    let hides = redactor.hides(in: bytes.span, known: bytes.count)
    #expect(hides)
    #expect(redactor.shown.starts(with: bytes[..<4]))
    #expect(redactor.shown.suffix(9).elementsEqual(bytes.suffix(9)))
    #expect(!String(decoding: redactor.shown, as: UTF8.self).contains("abc"))
  }

  @Test(
    "Letter case and separators make no difference",
    arguments: [
      "accessToken", "access_token", "access-token", "ACCESS_TOKEN", "AccessToken", "accesstoken",
      "access.token",
    ])
  func equivalence(name: String) throws {
    for other in ["accessToken", "ACCESS-TOKEN", "access_token"] {
      #expect(try Self.shown(#"{"\#(name)":"x"}"#, hiding: [other]) == #"{"\#(name)":"[redacted]"}"#)
    }
  }

  @Test("Names need not be ASCII, whether escaped or not", arguments: ["пароль", "Пароль", #"\u043fароль"#])
  func otherLetters(name: String) throws {
    #expect(try Self.shown(#"{"\#(name)":"x"}"#, hiding: ["пароль"]) == #"{"\#(name)":"[redacted]"}"#)
  }

  @Test("Names without letters are refused")
  func refused() {
    #expect(MemberNames([]) == nil)
    #expect(MemberNames(["a", "--"]) == nil)
  }

  @Test("After missing bytes everything is hidden")
  func missing() throws {
    #expect(try Self.shown(#"{"a":1,"pass"#, known: 7) == #"{"a":1,[redacted]"#)
    #expect(try Self.shown(#"{"a":1}"#, known: 0) == "[redacted]")
    #expect(
      try Self.shown(#"{"password":"abcdef","n":1}"#, known: 16) == #"{"password":"[redacted][redacted]"#)
  }

  @Test("Equal values have equal marks, and others mostly have others")
  func marks() throws {
    let redactor = PayloadRedactor(try #require(MemberNames(["a"])))
    let payload = Array(#"[{"a":"first"},{"a":"second"},{"a":"first"}]"#.utf8)
    let hides = redactor.hides(in: payload.span, known: payload.count)
    #expect(hides)
    let parts = String(decoding: redactor.shown, as: UTF8.self).split(separator: "}")
    #expect(parts[0].dropFirst() == parts[2].dropFirst())
    #expect(redactor.hidden == ["first", "second", "first"].map { Array($0.utf8) })
  }

  @Test(
    "Nothing is hidden of random bytes unless they hold a name, and no length is a trap", arguments: 0..<200)
  func anything(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let alphabet = Array(#""'\\u0022n:,{}[]() passwordx"#.utf8)
    let payload = (0..<Int.random(in: 0...300, using: &random)).map { _ in
      alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
    }
    let redactor = PayloadRedactor(try #require(MemberNames(["password"])))
    for known in [payload.count, payload.count / 2] {
      let hides = redactor.hides(in: payload.span, known: known)
      if known < payload.count { #expect(hides) }
    }
  }

  @Test("The work grows with the size, whatever is in a payload", arguments: hostile)
  func linear(piece: String) throws {
    // A payload of 200 KB whose work grew with the square of its length would take minutes.
    let payload = Array(String(repeating: piece, count: 200_000 / piece.utf8.count).utf8)
    let redactor = PayloadRedactor(try #require(MemberNames(["password"])))
    _ = redactor.hides(in: payload.span, known: payload.count)
  }

  private static let hostile = [
    "\"", "\\", "\\u005c", "\":", "\"password\":", "password:", "{\"password\":{", "\" ", "a", ":", " ",
    "\"password\" ", "\\\"",
    "\"password\":\"x\" ", "'\"",
  ]
}
