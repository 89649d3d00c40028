import Glibc
import Output
import Pipeline
import Sessions
import WebSocketCapture

/// A whole capture file, read through the library and through every output.
func fuzzCapture(_ input: [UInt8]) throws {
  let file = try ScratchFile(input)
  var options = WebSocketEvents.Options()
  options.includesFrames = true
  options.maximumPayload = 1 << 16
  let capture: WebSocketEvents
  do {
    capture = try WebSocketEvents(path: file.path, options: options)
  } catch {
    try require(!error.description.isEmpty, "an error without words")
    return
  }
  var checker = EventChecker()
  for event in capture { try checker.take(event) }
  try require(checker.hasEnded, "the capture has no end")

  let json = try written(of: file) { Printer(JSONLinesFormat($0, display)) }
  for line in json.split(separator: UInt8(ascii: "\n")) {
    try require(JSONText.isValid(Array(line)), "not JSON: \(String(decoding: line, as: UTF8.self))")
  }
  let document = try written(of: file) { Printer(JSONDocumentFormat($0, display)) }
  try require(JSONText.isValid(document), "the document is not JSON")
  for width in [80, 33, 20] {
    let text = try written(of: file) {
      Printer(TextFormat($0, style: Style(enabled: false), width: width, display))
    }
    if let objection = ScreenText.objection(to: text) { throw BrokenInvariant(description: objection) }
    let widest = ScreenText.widest(text)
    try require(widest <= width, "a line of \(widest) columns where there are \(width)")
  }
  let terminal = try written(of: file) { Printer(TerminalJSONFormat($0, display)) }
  if let objection = ScreenText.objection(to: terminal) { throw BrokenInvariant(description: objection) }
  try requireOneStory(file.path)
}

private var display: DisplayOptions {
  var display = DisplayOptions()
  (display.frames, display.payloadBytes) = (true, 1 << 16)
  return display
}

/// What an output writes of a capture.
private func written(
  of file: ScratchFile, by sink: (consuming OutputBuffer) -> any EventSink
) throws -> [UInt8] {
  let output = try ScratchFile([])
  try CaptureAnalysis.run(path: file.path, sink: sink(OutputBuffer(descriptor: output.descriptor)))
  return output.contents
}

/// Checks the events of a capture against each other.
private struct EventChecker {
  private struct Session {
    var messages: [WebSocketSide: UInt64] = [:]
    var bytes: [WebSocketSide: UInt64] = [:]
    var frames: [WebSocketSide: UInt64] = [:]
    var lost: [WebSocketSide: UInt64] = [:]
  }

  private(set) var hasEnded = false
  private var open: [UInt64: Session] = [:]
  private var sessions: UInt64 = 0

  mutating func take(_ event: WebSocketEvent) throws {
    try require(!hasEnded, "an event after the end")
    if let session = event.session {
      if case .sessionOpened = event {
        try require(session == sessions + 1, "session \(session) after \(sessions)")
        sessions = session
        open[session] = Session()
      }
      try require(open[session] != nil, "an event of session \(session), which is not open")
    }
    switch event {
    case .message(let message):
      open[message.session]?.messages[message.from, default: 0] += 1
      open[message.session]?.bytes[message.from, default: 0] &+= message.bytes
      try require(UInt64(message.payload.count) <= message.bytes, "more payload than there is")
      _ = message.text
    case .frame(let frame):
      open[frame.session]?.frames[frame.from, default: 0] += 1
    case .gap(let gap):
      open[gap.session]?.lost[gap.from, default: 0] &+= gap.bytes
    case .sessionClosed(let close):
      try check(close, .client, close.client)
      try check(close, .server, close.server)
      open[close.session] = nil
    case .captureEnded(let capture):
      hasEnded = true
      try require(open.isEmpty, "sessions \(open.keys) were never closed")
      try require(capture.sessions == sessions, "\(capture.sessions) sessions, \(sessions) opened")
    default: break
    }
  }

  private func check(
    _ close: SessionClosed, _ side: WebSocketSide, _ counts: SideTotals
  ) throws {
    guard let session = open[close.session] else { return }
    try require(session.messages[side] ?? 0 == counts.messages, "\(side): \(session), \(counts)")
    try require(session.bytes[side] ?? 0 == counts.bytes, "\(side): \(session), \(counts)")
    try require(session.frames[side] ?? 0 == counts.frames, "\(side): \(session), \(counts)")
    try require(session.lost[side] ?? 0 == counts.lostBytes, "\(side): \(session), \(counts)")
  }
}

/// A file in memory with a path, as long as it is kept.
private final class ScratchFile {
  let descriptor: Int32
  let path: String

  init(_ bytes: [UInt8]) throws {
    let name = "/dev/shm/wstap-fuzz-\(getpid())-\(UInt64.random(in: .min ... .max))"
    descriptor = unsafe open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    path = "/proc/self/fd/\(descriptor)"
    guard descriptor >= 0 else { throw ScratchFileError(code: errno) }
    unsafe unlink(name)
    let written = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard written == bytes.count else { throw ScratchFileError(code: errno) }
  }

  deinit { close(descriptor) }

  var contents: [UInt8] {
    let length = Int(lseek(descriptor, 0, SEEK_END))
    return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      unsafe count = max(0, pread(descriptor, buffer.baseAddress, length, 0))
    }
  }
}

private struct ScratchFileError: Error {
  let code: Int32
}
