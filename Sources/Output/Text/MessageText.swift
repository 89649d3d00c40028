import Sessions
import WebSocketDecoding
import WireBytes

/// The line of a message: its kind, size, what a reader must know of it, and the start of its payload.
enum MessageText {
  static func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>,
    to lines: inout TextLines
  ) {
    let columns = lines.begin(message.last, context.session, message.side) + 19
    let isComplete = message.complete
    let hasMore = payload.count > 0 || !isComplete
    writeKind(message.opcode, message.bytes, hasMore: hasMore, to: &lines.line)
    guard hasMore else { return lines.endLine() }
    let marks = writeRatio(message, to: &lines) + writeMarks(message, to: &lines)
    let room = lines.room(after: columns + marks)
    // The bytes in a gap were never captured: the line shows the first part without one.
    // Where values were hidden, a mark takes the place of all that follows a gap.
    let isRedacted = context.redactedFrom != nil
    let known = isRedacted ? 0..<payload.count : knownRange(context.missing, within: payload.count)
    let shown = payload.extracting(known)
    let isShortened = UInt64(isRedacted ? context.shownBytes(of: payload) : known.upperBound) < message.bytes
    let isReadable = message.inflated
    if message.opcode == .binary || !isReadable {
      HexPreview.write(shown, width: min(room, 101), isShortened: isShortened, to: &lines.line)
    } else {
      TerminalText.write(shown, width: room, isShortened: isShortened, to: &lines.line)
    }
    lines.endLine()
  }

  private static func writeKind(
    _ opcode: Opcode, _ bytes: UInt64, hasMore: Bool, to out: inout OutputBuffer
  ) {
    switch opcode {
    case .text: out.append("text   ")
    case .binary: out.append("binary ")
    default: out.append("cont.  ")
    }
    ByteSize(bytes).write(to: &out, width: 10)
    if hasMore { out.append("  ") }
  }

  /// The first bytes of a payload that were all captured.
  private static func knownRange(_ missing: [MissingRange], within count: Int) -> Range<Int> {
    var start = 0
    for range in missing {
      let begin = Int(clamping: range.offset)
      if begin > start { return min(start, count)..<min(begin, count) }
      start = begin.addingReportingOverflow(Int(clamping: range.bytes)).partialValue
      if start < begin { return count..<count }
    }
    return min(start, count)..<count
  }

  /// `[412 B, 3.0×] `: what was sent of a message that was compressed. Returns its columns.
  private static func writeRatio(_ message: borrowing Message, to lines: inout TextLines) -> Int {
    let (bytes, compressedBytes) = (message.bytes, message.compressedBytes)
    guard compressedBytes > 0 else { return 0 }
    let size = String(writing: { ByteSize(compressedBytes).write(to: &$0) })
    let ratio = String(writing: { CompressionRatio(bytes, compressedBytes).write(to: &$0) })
    lines.line.append(lines.style.on(.dim))
    lines.line.append(utf8: "[\(size), \(ratio)] ")
    lines.line.append(lines.style.off)
    return size.count + ratio.count + 5
  }

  /// What a reader must know before the payload. Returns its columns.
  private static func writeMarks(_ message: borrowing Message, to lines: inout TextLines) -> Int {
    let (missing, isComplete, isInflated) = (message.missingBytes, message.complete, message.inflated)
    let lacksStart = message.opcode == .continuation
    // Nearly all.
    if isInflated, isComplete, missing == 0, !lacksStart { return 0 }
    var mark = isInflated ? "" : "[not inflated] "
    if missing > 0 { mark += "[\(missing) B missing] " }
    if lacksStart {
      mark += "[start not seen] "
    } else if !isComplete && missing == 0 {
      mark += "[unfinished] "
    }
    guard !mark.isEmpty else { return 0 }
    lines.line.append(lines.style.on(.warning))
    lines.line.append(utf8: mark)
    lines.line.append(lines.style.off)
    return mark.utf8.count
  }
}
