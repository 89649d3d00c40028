import WireBytes

/// A message that is a heartbeat of an application.
public struct HeartbeatText: Equatable {
  /// How it is spoken.
  public let kind: HeartbeatKind
  /// What it asks for.
  public let role: Role

  /// What a heartbeat asks for.
  public enum Role: Sendable {
    /// An answer.
    case question
    /// Nothing: it answers.
    case answer
    /// Nothing.
    case oneWay
  }

  /// Longer ones are not looked at.
  @inlinable public static var longest: Int { 128 }

  /// Recognises a text message by its payload. Nearly all messages fail at their first bytes.
  ///
  /// Public, because only then is it inlined where every message is looked at.
  @inlinable @inline(__always)
  public init?(_ payload: Span<UInt8>) {
    guard payload.count > 0 else { return nil }
    switch payload[0] {
    case UInt8(ascii: "{"):
      guard payload.count <= Self.shortObject || Self.mayBeLongObject(payload) else { return nil }
    case UInt8(ascii: "["):
      guard payload.count > 1,
        payload[1] == UInt8(ascii: "n") || payload.count == 6 || Self.isSpace(payload[1])
      else { return nil }
    case UInt8(ascii: "a"):
      guard payload.count == 7 else { return nil }
    case UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "h"), UInt8(ascii: "H"), 0x0A, 0x0D,
      UInt8(ascii: "P"),
      UInt8(ascii: "p"), UInt8(ascii: "K"), UInt8(ascii: "k"), UInt8(ascii: "\""):
      break
    default:
      return nil
    }
    self.init(likely: payload)
  }

  /// Recognises a binary message.
  ///
  /// Public, because only then is it inlined where every message is looked at.
  @inlinable @inline(__always)
  public init?(binary payload: Span<UInt8>) {
    guard payload.count > 0, payload.count <= 3 else { return nil }
    self.init(shortBinary: payload)
  }

  @usableFromInline @inline(never)
  init?(shortBinary payload: Span<UInt8>) {
    if payload.isText("\n") || payload.isText("\r\n") {
      self.init(.stomp, .oneWay)
    } else if payload.count == 3, payload[0] == 2, payload[1] == 0x91, payload[2] == 6 {
      // MessagePack: the length, an array of one, 6.
      self.init(.signalR, .oneWay)
    } else if payload.count == 2, payload[1] == 0, payload[0] == 0xC0 || payload[0] == 0xD0 {
      // MQTT 3.12 and 3.13.
      self.init(.mqtt, payload[0] == 0xC0 ? .question : .answer)
    } else {
      return nil
    }
  }

  /// Shorter objects are looked at whatever their first member.
  @inlinable static var shortObject: Int { 40 }

  /// Whether the first member is a short name and a text that begins as `ping`, `heartbeat`, `phoenix` or `keepalive` do,
  /// or a reference: so all but a few of the longer objects are told apart with a few looks.
  @inlinable @inline(__always)
  static func mayBeLongObject(_ payload: Span<UInt8>) -> Bool {
    guard payload.count <= longest else { return false }
    // With white space before the first name nothing is told apart so fast; hardly anything is written so.
    guard payload[1] == quote else { return isSpace(payload[1]) }
    for name in 1...6 where payload[name &+ 2] == quote {
      guard payload[name &+ 3] == UInt8(ascii: ":") else { return false }
      let start = payload[name &+ 4] == UInt8(ascii: " ") ? name &+ 5 : name &+ 4
      guard payload[start] == quote else { return false }
      switch payload[start &+ 1] | 0x20 {
      case UInt8(ascii: "p"), UInt8(ascii: "h"), UInt8(ascii: "k"): return true
      default: return name == 3 && payload.has("ref", at: 2)
      }
    }
    // Phoenix, with its members in another order.
    return payload[9] == quote && payload.has("payload", at: 2)
      || payload[10] == quote && payload.has("join_ref", at: 2)
  }

  /// White space of JSON (RFC 8259 §2).
  @inlinable static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  @inlinable static var quote: UInt8 { UInt8(ascii: "\"") }

  @usableFromInline @inline(never)
  init?(likely payload: Span<UInt8>) {
    switch payload[0] {
    // `2probe` and `3probe` try out the transport before the upgrade to it.
    case UInt8(ascii: "2") where payload.count == 1: self.init(.engineIO, .question)
    case UInt8(ascii: "3") where payload.count == 1: self.init(.engineIO, .answer)
    case UInt8(ascii: "h") where payload.count == 1: self.init(.sockJS, .oneWay)
    case 0x0A where payload.count == 1: self.init(.stomp, .oneWay)
    case 0x0D where payload.count == 2 && payload[1] == 0x0A: self.init(.stomp, .oneWay)
    case UInt8(ascii: "a") where payload.isText("a[\"\\n\"]"): self.init(.stomp, .oneWay)
    case UInt8(ascii: "[") where payload.isText("[\"\\n\"]"): self.init(.stomp, .oneWay)
    case UInt8(ascii: "{"): self.init(object: payload)
    case UInt8(ascii: "["): self.init(array: payload)
    default: self.init(word: payload)
    }
  }

  private init(_ kind: HeartbeatKind, _ role: Role) { (self.kind, self.role) = (kind, role) }

  /// `ping`, `PING`, `"pong"`, `ping 1732212000`, and the `PING :server` of IRC; with an end of line, or without.
  private init?(word payload: Span<UInt8>) {
    var word = payload
    if word[word.count - 1] == 0x0A { word = word.extracting(0..<word.count - 1) }
    if word.count > 0, word[word.count - 1] == 0x0D { word = word.extracting(0..<word.count - 1) }
    if word.count > 1, word[0] == Self.quote, word[word.count - 1] == Self.quote {
      word = word.extracting(1..<word.count - 1)
    }
    if let role = Self.role(of: word) {
      self.init(.text, role)
    } else if word.count > 5, let role = Self.role(of: word.extracting(0..<4)),
      Self.isArgument(word.dropping(4))
    {
      self.init(.text, role)
    } else {
      return nil
    }
  }

  /// A number, or a server's name.
  private static func isArgument(_ text: Span<UInt8>) -> Bool {
    guard text[0] == UInt8(ascii: " ") else { return false }
    if text[1] == UInt8(ascii: ":") { return true }
    for index in 1..<text.count where !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) {
      return false
    }
    return true
  }

  /// What a word says as the name of a message, whatever its letters' case.
  private static func role(of word: Span<UInt8>) -> Role? {
    func isOne(_ words: StaticString...) -> Bool {
      words.contains { $0.utf8CodeUnitCount == word.count && word.has($0, at: 0, ignoringCase: true) }
    }
    return switch word.count {
    case 4 where isOne("ping"): .question
    case 4 where isOne("pong"): .answer
    case 9 where isOne("heartbeat", "keepalive"): .oneWay
    case 10 where isOne("keep-alive", "keep_alive"): .oneWay
    case 11 where isOne("pusher:ping"): .question
    case 11 where isOne("pusher:pong"): .answer
    default: nil
    }
  }

  private init?(object payload: Span<UInt8>) {
    guard let (kind, role) = Self.heartbeat(in: payload) else { return nil }
    self.init(kind, role)
  }

  /// What the members say: those that kinds of messages have, and those of Phoenix together.
  private static func heartbeat(in payload: Span<UInt8>) -> (HeartbeatKind, Role)? {
    var members = ObjectMembers(payload)
    var (isPhoenix, isOther, ofPhoenix, found) = (false, false, Role?.none, Role?.none)
    while let member = members.next() {
      let (name, value) = (payload.extracting(member.name), payload.extracting(member.value))
      // `{"ping":1732212000}` says it itself.
      if members.count == 1, name.count == 4, let role = role(of: name) { return (.text, role) }
      guard member.isText else {
        if members.count == 1, name.isText("type"), value.isText("6"), payload[payload.count - 1] == 0x1E {
          return (.signalR, .oneWay)
        }
        if !isOther, isKind(name) { isOther = true }
        continue
      }
      if name.isText("topic") {
        isPhoenix = value.isText("phoenix")
      } else if name.isText("event"), value.isText("phx_reply") {
        ofPhoenix = .answer
      } else if found == nil, !isOther, isKind(name) {
        if members.count == 1, name.isText("type"), value.isText("ka") { return (.graphQL, .oneWay) }
        (found, isOther) = (role(of: value), true)
        if name.isText("event"), value.isText("heartbeat") { ofPhoenix = .question }
      }
    }
    if isPhoenix { return ofPhoenix.map { (.phoenix, $0) } }
    return found.map { (.text, $0) }
  }

  private static func isKind(_ name: Span<UInt8>) -> Bool {
    func isOne(_ words: StaticString...) -> Bool {
      words.contains { $0.utf8CodeUnitCount == name.count && name.has($0, at: 0, ignoringCase: true) }
    }
    return isOne(
      "type", "event", "op", "action", "method", "msg", "cmd", "command", "kind", "t", "e", "result",
      "messagetype",
      "message_type", "eventtype", "event_type", "request")
  }

  /// `[null,"7","phoenix","heartbeat",{}]`
  private init?(array payload: Span<UInt8>) {
    guard payload.contains("null"), payload.contains("\"phoenix\"") else { return nil }
    if payload.contains("\"heartbeat\"") {
      self.init(.phoenix, .question)
    } else if payload.contains("\"phx_reply\"") {
      self.init(.phoenix, .answer)
    } else {
      return nil
    }
  }
}

extension Span where Element == UInt8 {
  fileprivate func isText(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && begins(with: text)
  }
}
