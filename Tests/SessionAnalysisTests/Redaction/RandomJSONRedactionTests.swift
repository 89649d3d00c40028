import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

/// Compares what is hidden in texts with what is hidden in the values that the texts were made of.
@Suite("Members hidden in random JSON")
struct RandomJSONRedactionTests {
  /// A value of JSON. A text may hold another value, written as JSON.
  private indirect enum Value {
    case word(String)
    case text(String)
    case nested(Value)
    case array([Value])
    case object([(name: String, value: Value)])

    static let secretNames = ["password", "passWord", "PASSWORD", "pass_word"]
    static let names = ["user", "id", "passwords", "word", "", "a\"b", "{", "it's"]

    static func random(_ depth: Int, _ random: inout SeededRandom) -> Value {
      switch Int.random(in: 0...(depth > 0 ? 6 : 2), using: &random) {
      case 0: return .word(["1", "-2.5e7", "true", "null"].any(&random))
      case 1:
        return .text(
          ["", "x", "\\", "\"", "a\\\"b", "{\"x\":", "a:b", "ü\n", "},]"].any(&random))
      case 2: return .text("plain words")
      case 3: return .nested(.random(depth - 1, &random))
      case 4:
        return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in .random(depth - 1, &random) })
      default:
        return .object(
          (0..<Int.random(in: 0...3, using: &random)).map { _ in
            let isSecret = Int.random(in: 0...2, using: &random) == 0
            return (
              (isSecret ? secretNames : names).any(&random), .random(depth - 1, &random)
            )
          })
      }
    }

    /// Without the values of secret names.
    var redacted: Value {
      switch self {
      case .word, .text: self
      case .nested(let value): .nested(value.redacted)
      case .array(let values): .array(values.map(\.redacted))
      case .object(let members):
        .object(
          members.map {
            Self.secretNames.contains($0.name)
              ? ($0.name, .text("[redacted 0000]")) : ($0.name, $0.value.redacted)
          })
      }
    }

    func json(_ style: Style) -> String {
      switch self {
      case .word(let word): word
      case .text(let text): style.quoted(text)
      case .nested(let value): style.quoted(value.json(style))
      case .array(let values): "[" + values.map { $0.json(style) }.joined(separator: ",\(style.space)") + "]"
      case .object(let members):
        "{"
          + members.map { "\(style.quoted($0.name))\(style.space):\(style.space)\($0.value.json(style))" }
          .joined(separator: ",") + "}"
      }
    }
  }

  /// How a writer writes JSON.
  struct Style: Sendable {
    /// As .NET does by default.
    var escapesQuotesAsCode = false
    var space = ""

    func quoted(_ text: String) -> String {
      var result = "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += escapesQuotesAsCode ? "\\u0022" : "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result + "\""
    }
  }

  private static let styles = [
    Style(), Style(space: " "), Style(escapesQuotesAsCode: true), Style(space: "\n  "),
  ]

  @Test("A text shows what is left of its values, however deep one is in another", arguments: 0..<300)
  func whole(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let style = Self.styles[Int(seed % 4)]
    let value = Value.object([("v", .random(4, &random))])
    let redactor = PayloadRedactor(try #require(MemberNames(["password"])))
    let payload = Array(value.json(style).utf8)
    let shown = redactor.hides(in: payload.span, known: payload.count) ? redactor.shown : payload
    let text = String(decoding: shown, as: UTF8.self).replacing(
      /\[redacted [0-9a-f]{4}\]/, with: "[redacted 0000]")
    #expect(text == value.redacted.json(style), "seed \(seed): \(value.json(style))")
  }

  @Test("Nothing of a secret is left where a text is cut", arguments: 0..<80)
  func cut(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let style = Self.styles[Int(seed % 4)]
    var value = Value.object([("password", .text("Zq7#Zq7#Zq7#"))])
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      value = .object([("a", .random(2, &random)), ("b", .nested(value)), ("c", .random(2, &random))])
    }
    let payload = Array(value.json(style).utf8)
    let redactor = PayloadRedactor(try #require(MemberNames(["password"])))
    for end in 0...payload.count {
      let part = payload.span.extracting(0..<end)
      let shown = redactor.hides(in: part, known: end) ? redactor.shown : part.toArray()
      #expect(
        !String(decoding: shown, as: UTF8.self).contains("Zq"),
        "seed \(seed), \(end) bytes of \(value.json(style))")
    }
  }
}

extension Array {
  /// One of its elements.
  fileprivate func any(_ random: inout SeededRandom) -> Element {
    self[Int.random(in: 0..<count, using: &random)]
  }
}
