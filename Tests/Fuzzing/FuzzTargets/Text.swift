import Output
import WireBytes

/// A payload as JSON and on a terminal. Byte 0 chooses the width, the rest is the payload.
func fuzzText(_ input: [UInt8]) throws {
  var choices = FuzzInput(input)
  let width = Int(choices.byte())
  let payload = choices.rest()

  var json = JSONWriter(OutputBuffer())
  json.repaired(payload.span)
  let repaired = String(decoding: payload, as: UTF8.self)
  try require(JSONText.string(json.out.bytes.toArray()) == repaired, "another string comes back from JSON")

  if let text = String(validating: payload, as: UTF8.self) {
    var json = JSONWriter(OutputBuffer())
    json.string(text)
    try require(JSONText.string(json.out.bytes.toArray()) == text, "another text comes back from JSON")
  }

  var base64 = JSONWriter(OutputBuffer())
  base64.beginObject()
  base64.base64("base64", payload.span)
  base64.endObject()
  let encoded = base64.out.bytes.count - #"{"base64":""}"#.utf8.count
  try require(
    encoded == (payload.count + 2) / 3 * 4, "\(encoded) characters of Base64 for \(payload.count) bytes")
  try require(JSONText.isValid(base64.out.bytes.toArray()), "Base64 is not valid JSON")

  for isShortened in [false, true] {
    var line = OutputBuffer()
    let columns = TerminalText.write(payload.span, width: width, isShortened: isShortened, to: &line)
    try require((0...width).contains(columns), "\(columns) of \(width) columns")
    guard let shown = String(validating: line.bytes.toArray(), as: UTF8.self) else {
      throw BrokenInvariant(description: "what goes to the terminal is not UTF-8")
    }
    for scalar in shown.unicodeScalars {
      switch scalar.properties.generalCategory {
      // Not `.unassigned`: the tool's table may be newer than the library's.
      case .control, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
        throw BrokenInvariant(description: "U+\(String(scalar.value, radix: 16)) goes to the terminal")
      case .format where scalar.value != 0x200D:
        throw BrokenInvariant(description: "U+\(String(scalar.value, radix: 16)) goes to the terminal")
      default: break
      }
    }
  }

  let shortened = payload.span.utf8Prefix(atMost: width)
  try require((0...min(width, payload.count)).contains(shortened), "\(shortened) of \(payload.count) bytes")
}
