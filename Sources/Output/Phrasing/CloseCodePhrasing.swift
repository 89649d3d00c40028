import SessionAnalysis
import WebSocketDecoding

/// Status codes of Close frames in sentences.
enum CloseCodePhrasing {
  /// `1000 (normal closure)`, `4001`, `no status code`
  static func noun(_ code: UInt16?) -> String {
    guard let code else { return "no status code" }
    return name(code).map { "\(code) (\($0))" } ?? "\(code)"
  }

  /// `1000 (normal closure)`, `without a status code`, `with a status code that was not captured`
  static func noun(_ close: SentClose) -> String { close.code == nil ? phrase(close) : noun(close.code) }

  /// `with 1000 (normal closure)`, `with a status code that was not captured`
  static func phrase(_ close: SentClose) -> String {
    close.isCodeLost ? "with a status code that was not captured" : phrase(close.code)
  }

  /// `with 1000 (normal closure)`, `without a status code`
  static func phrase(_ code: UInt16?) -> String {
    code == nil ? "without a status code" : "with \(noun(code))"
  }

  /// `normal closure`; nil when nobody registered the code.
  static func name(_ code: UInt16) -> String? {
    CloseCode.name(code)?.split(separator: "_").joined(separator: " ")
  }
}
