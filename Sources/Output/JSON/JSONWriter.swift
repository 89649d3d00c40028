import WireBytes

/// Writes JSON straight into an output buffer, without a tree or strings in between.
///
/// Keys are literals of the program and are not escaped. A value written with a `key` is a member of the current object, one
/// without a key is an element of the current array. The writer puts the commas; the caller closes objects and arrays.
public struct JSONWriter: ~Copyable {
  /// Where the text goes; `flush()` it at the end, or after each line when somebody watches.
  public var out: OutputBuffer
  private var needsComma = false
  private var timestamps = TimestampWriter()

  /// A writer at the start of a document or of a line.
  public init(_ out: consuming OutputBuffer) { self.out = out }

  /// Ends a line of NDJSON; the next value starts a new document.
  @inline(__always)
  public mutating func endLine() {
    out.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// Puts the comma, if one is due, and the member's name; its value follows.
  @inline(__always)
  public mutating func key(_ key: StaticString) {
    separate()
    out.append(UInt8(ascii: "\""))
    out.append(key)
    out.append("\":")
    needsComma = false
  }

  /// To be called after a name or a value was written directly to `out`: whether a comma is due.
  @inline(__always)
  mutating func wrote(value: Bool) { needsComma = value }

  /// The comma before an element that is written directly to `out`.
  @inline(__always)
  mutating func separateElement() { separate() }

  /// A moment directly to `out`, without quotes and comma.
  @inline(__always)
  mutating func appendTime(_ time: CaptureTime) { timestamps.write(time, to: &out) }

  // Writes the comma always and counts it when it is due: a store is cheaper than a wrong guess.
  @inline(__always)
  private mutating func separate() {
    unsafe out.room(for: 1).pointee = UInt8(ascii: ",")
    out.didWrite(needsComma ? 1 : 0)
    needsComma = true
  }
}

// MARK: - Objects and arrays

extension JSONWriter {
  /// Opens an object.
  @inline(__always)
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }

  /// Opens an object that is a member.
  @inline(__always)
  public mutating func beginObject(_ key: StaticString) {
    self.key(key)
    beginObject()
  }

  /// Closes the object opened last.
  @inline(__always)
  public mutating func endObject() { end(UInt8(ascii: "}")) }

  /// Opens an array.
  @inline(__always)
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }

  /// Opens an array that is a member.
  @inline(__always)
  public mutating func beginArray(_ key: StaticString) {
    self.key(key)
    beginArray()
  }

  /// Closes the array opened last.
  @inline(__always)
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  @inline(__always)
  private mutating func begin(_ bracket: UInt8) {
    separate()
    out.append(bracket)
    needsComma = false
  }

  @inline(__always)
  private mutating func end(_ bracket: UInt8) {
    out.append(bracket)
    needsComma = true
  }
}

// MARK: - Values

extension JSONWriter {
  /// A string from bytes that are valid UTF-8 (a text message that was checked).
  @inline(__always)
  public mutating func string(_ text: Span<UInt8>) {
    beginString()
    JSONEscaping.write(valid: text, to: &out)
    endString()
  }

  /// A string from any bytes; what is not UTF-8 shows as U+FFFD (header values, cut messages).
  public mutating func repaired(_ text: Span<UInt8>) {
    beginString()
    JSONEscaping.write(repairing: text, to: &out)
    endString()
  }

  /// A string.
  public mutating func string(_ text: String) { string(text.utf8.span) }

  /// A string of the program's own that needs no escapes: `"message"`.
  @inline(__always)
  public mutating func literal(_ text: StaticString) {
    beginString()
    out.append(text)
    endString()
  }

  /// Bytes as a string in base64.
  public mutating func base64(_ bytes: Span<UInt8>) {
    beginString()
    Base64.write(bytes, to: &out)
    endString()
  }

  /// A moment as a string: RFC 3339, UTC, nine digits.
  @inline(__always)
  public mutating func time(_ time: CaptureTime) {
    beginString()
    timestamps.write(time, to: &out)
    endString()
  }

  /// A whole number.
  @inline(__always)
  public mutating func number(_ value: some FixedWidthInteger) {
    separate()
    out.append(decimal: value)
  }

  /// Nanoseconds as a number of seconds: `60.12`.
  public mutating func seconds(_ nanoseconds: Int64) {
    separate()
    out.append(seconds: nanoseconds)
  }

  /// `true` or `false`.
  @inline(__always)
  public mutating func bool(_ value: Bool) {
    separate()
    if value { out.append("true") } else { out.append("false") }
  }

  /// `null`.
  @inline(__always)
  public mutating func null() {
    separate()
    out.append("null")
  }

  /// Opens a string whose inside the caller appends to `out`, escaped, piece by piece.
  @inline(__always)
  public mutating func beginString() {
    separate()
    out.append(UInt8(ascii: "\""))
  }

  /// Closes the string.
  @inline(__always)
  public mutating func endString() { out.append(UInt8(ascii: "\"")) }
}

// MARK: - Members

extension JSONWriter {
  /// A member whose value is a string of valid UTF-8.
  @inline(__always)
  public mutating func string(_ key: StaticString, _ text: Span<UInt8>) {
    self.key(key)
    string(text)
  }

  /// A member whose value is a string, or `null`.
  public mutating func string(_ key: StaticString, _ text: String?) {
    self.key(key)
    if let text { string(text) } else { null() }
  }

  /// A member whose value is a string from any bytes.
  public mutating func repaired(_ key: StaticString, _ text: Span<UInt8>) {
    self.key(key)
    repaired(text)
  }

  /// A member whose value is a string of the program's own.
  @inline(__always)
  public mutating func literal(_ key: StaticString, _ text: StaticString) {
    self.key(key)
    literal(text)
  }

  /// A member whose value is base64.
  public mutating func base64(_ key: StaticString, _ bytes: Span<UInt8>) {
    self.key(key)
    base64(bytes)
  }

  /// A member whose value is a moment.
  @inline(__always)
  public mutating func time(_ key: StaticString, _ time: CaptureTime) {
    self.key(key)
    self.time(time)
  }

  /// A member whose value is a whole number.
  @inline(__always)
  public mutating func number(_ key: StaticString, _ value: some FixedWidthInteger) {
    self.key(key)
    number(value)
  }

  /// A member whose value is a whole number, or `null`.
  @inline(__always)
  public mutating func number(_ key: StaticString, _ value: (some FixedWidthInteger)?) {
    self.key(key)
    if let value { number(value) } else { null() }
  }

  /// A member whose value is a number of seconds, or `null`.
  public mutating func seconds(_ key: StaticString, _ nanoseconds: Int64?) {
    self.key(key)
    if let nanoseconds { seconds(nanoseconds) } else { null() }
  }

  /// A member whose value is `true` or `false`, or `null`.
  @inline(__always)
  public mutating func bool(_ key: StaticString, _ value: Bool?) {
    self.key(key)
    if let value { bool(value) } else { null() }
  }

  /// A member whose value is `null`.
  @inline(__always)
  public mutating func null(_ key: StaticString) {
    self.key(key)
    null()
  }
}

extension JSONWriter {
  /// The name of a member that is not a literal.
  mutating func key(named name: String) {
    string(name)
    out.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// An array of strings as a member.
  mutating func strings(_ key: StaticString, _ values: [String]) {
    beginArray(key)
    for value in values { string(value) }
    endArray()
  }
}
