/// A small strict JSON reader (RFC 8259), so that the writer is not judged by itself.
indirect enum JSONValue: Equatable {
  case object([Member])
  case array([JSONValue])
  case string(String)
  case number(String)
  case bool(Bool)
  case null

  struct Member: Equatable {
    let key: String
    let value: JSONValue
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }
}

struct JSONError: Error {
  let offset: Int
}

struct JSONChecker {
  private let bytes: [UInt8]
  private var index = 0

  /// The one value in `bytes`, which must be valid UTF-8 and hold nothing else but white space.
  static func parse(_ bytes: [UInt8]) throws -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONError(offset: 0) }
    var checker = JSONChecker(bytes: bytes)
    let value = try checker.value()
    checker.space()
    guard checker.index == bytes.count else { throw JSONError(offset: checker.index) }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value() throws -> JSONValue {
    space()
    switch peek {
    case UInt8(ascii: "{"): return .object(try members())
    case UInt8(ascii: "["): return .array(try elements())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func members() throws -> [JSONValue.Member] {
    var result: [JSONValue.Member] = []
    try list(from: "{", to: "}") { checker in
      checker.space()
      let key = try checker.string()
      try checker.take(":")
      result.append(JSONValue.Member(key: key, value: try checker.value()))
    }
    return result
  }

  private mutating func elements() throws -> [JSONValue] {
    var result: [JSONValue] = []
    try list(from: "[", to: "]") { checker in result.append(try checker.value()) }
    return result
  }

  private mutating func list(
    from open: Unicode.Scalar, to close: Unicode.Scalar, _ item: (inout JSONChecker) throws -> Void
  ) throws {
    try take(open)
    space()
    if peek == UInt8(ascii: close) { return try take(close) }
    while true {
      try item(&self)
      space()
      if peek == UInt8(ascii: close) { return try take(close) }
      try take(",")
    }
  }

  private mutating func string() throws -> String {
    try take("\"")
    var text: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw JSONError(offset: index) }
      index += 1
      if byte == UInt8(ascii: "\\") { text += Array(try escape().utf8) } else { text.append(byte) }
    }
    try take("\"")
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() throws -> String {
    guard let letter = peek else { throw JSONError(offset: index) }
    index += 1
    switch Unicode.Scalar(letter) {
    case "\"": return "\""
    case "\\": return "\\"
    case "/": return "/"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "u":
      guard index + 4 <= bytes.count,
        let unit = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(unit)
      else { throw JSONError(offset: index) }
      index += 4
      return String(Character(scalar))
    default: throw JSONError(offset: index)
    }
  }

  private mutating func number() throws -> String {
    let start = index
    if peek == UInt8(ascii: "-") { index += 1 }
    let leading = peek
    try digits()
    if leading == UInt8(ascii: "0"), index - start > 2 { throw JSONError(offset: start) }
    if peek == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func digits() throws {
    let start = index
    while let byte = peek, byte >= 0x30, byte <= 0x39 { index += 1 }
    guard index > start else { throw JSONError(offset: index) }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    for scalar in word.unicodeScalars { try take(scalar) }
    return value
  }

  private mutating func take(_ scalar: Unicode.Scalar) throws {
    if scalar == ":" { space() }
    guard peek == UInt8(ascii: scalar) else { throw JSONError(offset: index) }
    index += 1
  }

  private mutating func space() {
    while let byte = peek, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { index += 1 }
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }
}
