import CommandLineSupport

/// Fast and wrong is no result: what `wstap --json` reports on a capture must be what the generator put in.
struct CountCheck {
  private var found: [String: Int] = [:]

  /// Returns a line for every count that differs.
  static func differences(wstap: String, capture: GeneratedCapture) -> [String] {
    let output = capture.path + ".check.jsonl"
    defer { removeFile(output) }
    _ = run([wstap, "--json", capture.path], output: output)

    var check = CountCheck()
    forEachLine(of: output) { check.count(JSONLine(bytes: $0)) }
    let expected = expectations(capture.counts)
    return expected.compactMap { name, count in
      let found = check.found[name] ?? 0
      return found == count ? nil : "\(capture.kind): \(name) \(found), the generator says \(count)"
    }
  }

  private static func expectations(_ counts: [String: Int]) -> [(String, Int)] {
    func known(_ name: String) -> Int { counts[name] ?? -1 }
    var expected = [
      ("session_open events", known("sessions")),
      ("session_close events", known("sessions")),
      ("capture_end sessions", known("sessions")),
      ("capture_end packets", known("packets")),
      ("gap events", 0),
      ("violations", 0),
    ]
    for side in ["client", "server"] {
      expected.append(("\(side) messages in session_close", known("\(side)_messages")))
      expected.append(("\(side) message events", known("\(side)_messages")))
      expected.append(("\(side) message bytes", known("\(side)_message_bytes")))
      expected.append(("\(side) ping events", known("\(side)_pings")))
      expected.append(("\(side) pong events", known("\(side)_pongs")))
      expected.append(("\(side) close events", known("\(side)_closes")))
    }
    return expected
  }

  private mutating func count(_ line: JSONLine) {
    let event = line.string("event")
    switch event {
    case "session_open":
      found["session_open events", default: 0] += 1
    case "message", "ping", "pong", "close":
      let side = line.string("from")
      found["\(side) \(event) events", default: 0] += 1
      if event == "message" { found["\(side) message bytes", default: 0] += line.number("bytes") }
    case "session_close":
      found["session_close events", default: 0] += 1
      for side in ["client", "server"] {
        let messages = line.number("messages", inObject: side)
        found["\(side) messages in session_close", default: 0] += messages
      }
    case "capture_end":
      found["capture_end sessions"] = line.number("sessions")
      found["capture_end packets"] = line.number("packets")
    case "gap":
      found["gap events", default: 0] += 1
    case "anomaly" where line.string("severity") == "violation":
      found["violations", default: 0] += 1
    default:
      break
    }
  }
}

/// Finds members of a JSON object by their keys without parsing it. A quote inside a string is escaped, so
/// the text `"key":` is never part of one.
private struct JSONLine {
  let bytes: ArraySlice<UInt8>

  func string(_ key: String) -> String {
    guard let start = position(after: "\"\(key)\":\"", in: bytes) else { return "" }
    return String(decoding: bytes[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }

  func number(_ key: String) -> Int { number(key, in: bytes) ?? 0 }

  /// Looks into the first object of that name that has the key.
  func number(_ key: String, inObject name: String) -> Int {
    var rest = bytes
    while let start = position(after: "\"\(name)\":{", in: rest) {
      let object = bytes[start...].prefix { $0 != UInt8(ascii: "}") }
      if let value = number(key, in: object) { return value }
      rest = bytes[start...]
    }
    return 0
  }

  private func number(_ key: String, in part: ArraySlice<UInt8>) -> Int? {
    guard let start = position(after: "\"\(key)\":", in: part) else { return nil }
    let digits = part[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private func position(after text: String, in part: ArraySlice<UInt8>) -> Int? {
    let pattern = Array(text.utf8)
    var start = part.startIndex
    while start + pattern.count <= part.endIndex {
      if part[start..<(start + pattern.count)].elementsEqual(pattern) { return start + pattern.count }
      start += 1
    }
    return nil
  }
}
