import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// `--json` on a terminal: the same lines, but characters that change the reading direction, or are no characters of a line,
/// are escaped, as JSON permits for every character (RFC 8259 §7).
///
/// They can be inside of strings only: everything else in JSON is ASCII.
package struct TerminalJSONFormat: OutputFormat, ~Copyable {
  package var needs: EventNeeds { lines.needs }
  package var out: OutputBuffer
  /// Writes into memory.
  private var lines: JSONLinesFormat

  /// A format that writes to `out`.
  package init(_ out: consuming OutputBuffer, _ options: DisplayOptions) {
    self.out = out
    lines = JSONLinesFormat(OutputBuffer(), options)
  }

  package mutating func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    lines.write(message, context, payload: payload)
    passOn()
  }

  package mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    lines.write(event, in: session, payload: payload)
    passOn()
  }

  package mutating func write(
    _ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>
  ) {
    lines.write(frame, in: session, payload: payload)
    passOn()
  }

  package mutating func write(_ event: Event) {
    lines.write(event)
    passOn()
  }

  private mutating func passOn() {
    let held = lines.takeLines()
    Self.write(held.span, to: &out)
  }

  /// Appends lines of JSON without such characters.
  static func write(_ json: Span<UInt8>, to out: inout OutputBuffer) {
    var (index, copied) = (0, 0)
    while index < json.count {
      guard json[index] >= 0x80 else {
        index += 1
        continue
      }
      let step = json.utf8Step(at: index)
      if let scalar = step.scalar, isEscaped(scalar) {
        out.append(json.extracting(copied..<index))
        out.append("\\u")
        out.append(hex: UInt64(scalar), digits: 4)
        copied = index + step.length
      }
      index += step.length
    }
    out.append(json.extracting(copied..<json.count))
  }

  /// C1 controls, soft hyphen, bidirectional controls, separators of lines and paragraphs, and what has no width (Unicode
  /// Bidirectional Algorithm, UAX #9 §2).
  private static func isEscaped(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9F, 0xAD, 0x61C, 0x180E, 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB:
      true
    default: false
    }
  }
}
