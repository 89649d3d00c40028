import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// The line of a Ping, Pong or Close.
enum ControlText {
  static func write(
    _ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>, to lines: inout TextLines
  ) {
    let frame = event.frame
    let columns = lines.begin(frame.first, session, frame.side) + 19
    switch frame.opcode {
    case .ping: lines.line.append("ping   ")
    case .pong: lines.line.append("pong   ")
    default: lines.line.append("close  ")
    }
    ByteSize(frame.bytes).write(to: &lines.line, width: 10)
    if frame.opcode == .close {
      lines.line.append("  ")
      return lines.end(with: words(ofClose: event, payload), after: columns)
    }
    let answer = answer(event)
    if payload.count == 0 && answer.isEmpty { return lines.endLine() }
    lines.line.append("  ")
    let gap = answer.isEmpty || payload.count == 0 ? 0 : 3
    let room = lines.width == nil ? 160 : lines.room(after: columns) - answer.utf8.count - gap
    let used = writePreview(
      payload, width: max(8, room), UInt64(event.shownBytes(of: payload)) < frame.bytes, to: &lines)
    if !answer.isEmpty {
      lines.line.append(lines.style.on(.dim))
      lines.line.append(repeating: UInt8(ascii: " "), count: used > 0 ? 3 : 0)
      lines.line.append(utf8: answer)
      lines.line.append(lines.style.off)
    }
    lines.endLine()
  }

  private static func answer(_ event: ControlEvent) -> String {
    guard let answers = event.answers, let roundTrip = event.roundTrip else { return "" }
    return "answers \(answers.packet) after \(TimeSpan(roundTrip).text)"
  }

  private static func writePreview(
    _ payload: Span<UInt8>, width: Int, _ isShortened: Bool, to lines: inout TextLines
  ) -> Int {
    let hasControls = (0..<payload.count).contains { payload[$0] < 0x20 && payload[$0] != 0x0A }
    if payload.isValidUTF8 && !hasControls && !GuardedText.isPlain(payload) {
      let guarded = GuardedText.of(String(decoding: payload.toArray(), as: UTF8.self))
      return TerminalText.write(guarded.utf8.span, width: width, isShortened: isShortened, to: &lines.line)
    }
    return payload.isValidUTF8 && !hasControls
      ? TerminalText.write(payload, width: width, isShortened: isShortened, to: &lines.line)
      : HexPreview.write(payload, width: width, isShortened: isShortened, to: &lines.line)
  }

  private static func words(ofClose event: ControlEvent, _ payload: Span<UInt8>) -> String {
    guard let code = event.closeCode else {
      return event.isCodeLost ? "status code not captured" : "no status code"
    }
    let name = CloseCodePhrasing.name(code).map { " " + $0 } ?? ""
    let reason = String(decoding: payload.dropping(2).toArray(), as: UTF8.self)
    return "\(code)\(name)" + (reason.isEmpty ? "" : " \"\(GuardedText.of(reason))\"")
      + (event.frame.missingBytes > 0 ? " [\(event.frame.missingBytes) B missing]" : "")
  }
}
