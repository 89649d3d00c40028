/// A strict reader of JSON (RFC 8259), so that the writer is not judged by itself.
struct JSONText {
  private let bytes: [UInt8]
  private var index = 0
  private var isGood = true
  private var text: [UInt8] = []

  /// Whether `bytes` are one value and nothing else.
  static func isValid(_ bytes: [UInt8]) -> Bool {
    var reader = JSONText(bytes)
    reader.value(depth: 0)
    reader.space()
    return reader.isGood && reader.index == bytes.count && String(validating: bytes, as: UTF8.self) != nil
  }

  /// The string that `bytes` are; nil when they are not one.
  static func string(_ bytes: [UInt8]) -> String? {
    var reader = JSONText(bytes)
    reader.string()
    guard reader.isGood, reader.index == bytes.count else { return nil }
    return String(validating: reader.text, as: UTF8.self)
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func fail() { isGood = false }

  private mutating func take(_ scalar: Unicode.Scalar) {
    isGood = isGood && peek == UInt8(ascii: scalar)
    index += 1
  }

  private mutating func space() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
  }

  private mutating func value(depth: Int) {
    space()
    guard isGood, depth < 100, let first = peek else { return fail() }
    switch Unicode.Scalar(first) {
    case "{":
      list("{", "}") { reader in
        reader.space()
        reader.string()
        reader.take(":")
        reader.value(depth: depth + 1)
      }
    case "[": list("[", "]") { $0.value(depth: depth + 1) }
    case "\"": string()
    case "t": for scalar in "true".unicodeScalars { take(scalar) }
    case "f": for scalar in "false".unicodeScalars { take(scalar) }
    case "n": for scalar in "null".unicodeScalars { take(scalar) }
    default: number()
    }
  }

  private mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ item: (inout JSONText) -> Void
  ) {
    take(open)
    space()
    if peek == UInt8(ascii: close) { return take(close) }
    while isGood {
      item(&self)
      space()
      if peek == UInt8(ascii: close) { return take(close) }
      take(",")
    }
  }

  private mutating func string() {
    take("\"")
    text = []
    while isGood, let byte = peek, byte != UInt8(ascii: "\"") {
      isGood = byte >= 0x20
      index += 1
      if byte == UInt8(ascii: "\\") { escape() } else { text.append(byte) }
    }
    take("\"")
  }

  private mutating func escape() {
    guard let letter = peek else { return fail() }
    index += 1
    switch Unicode.Scalar(letter) {
    case "\"", "\\", "/": text.append(letter)
    case "n": text.append(0x0A)
    case "r": text.append(0x0D)
    case "t": text.append(0x09)
    case "b": text.append(0x08)
    case "f": text.append(0x0C)
    case "u":
      let digits = bytes[index..<min(index + 4, bytes.count)]
      guard digits.count == 4, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(unit)
      else { return fail() }
      index += 4
      text += Array(String(Character(scalar)).utf8)
    default: fail()
    }
  }

  private mutating func number() {
    if peek == UInt8(ascii: "-") { index += 1 }
    let first = peek
    let count = digits()
    isGood = isGood && count > 0 && (first != UInt8(ascii: "0") || count == 1)
    if peek == UInt8(ascii: ".") {
      index += 1
      let count = digits()
      isGood = isGood && count > 0
    }
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = peek, byte >= 0x30, byte <= 0x39 { index += 1 }
    return index - start
  }
}
