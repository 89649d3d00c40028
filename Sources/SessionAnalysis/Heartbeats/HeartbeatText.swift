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

  /// Whether the last member is a text that ends as `ping`, `pong`, `heartbeat` and `keepalive` do, or the first one is a short name
  /// and a text that begins so, or one of those that often come first: so all but a few of the longer objects are told apart
  /// with a few looks.
  @inlinable @inline(__always)
  static func mayBeLongObject(_ payload: Span<UInt8>) -> Bool {
    guard payload.count <= longest else { return false }
    // With white space before the first name nothing is told apart so fast; hardly anything is written so.
    guard payload[1] == quote else { return isSpace(payload[1]) }
    switch payload.uint32(at: payload.count &- 6) {
    // "ping", "pong", "beat", "live"
    case 0x7069_6E67, 0x706F_6E67, 0x6265_6174, 0x6C69_7665: return true
    default: break
    }
    // Where the quote behind the first name is, eight letters at once.
    let name = UInt64(littleEndian: payload.load(at: 2, as: UInt64.self))
    let (ones, quotes): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x2222_2222_2222_2222)
    let different = name ^ quotes
    let found = (different &- ones) & ~different & (ones &* 0x80)
    guard found != 0 else { return mayBeginWithLongName(payload) }
    let length = found.trailingZeroBitCount &>> 3
    if length == 7 {
      // `payload`: Phoenix, with its members in another order. `jsonrpc`: its method or its result comes next.
      return name == 0x2264_616F_6C79_6170
        || name == 0x2263_7072_6E6F_736A
          && (payload[27] == UInt8(ascii: "p") || payload[30] == UInt8(ascii: "p"))
    }
    guard payload[length &+ 3] == UInt8(ascii: ":") else { return false }
    let start = payload[length &+ 4] == UInt8(ascii: " ") ? length &+ 5 : length &+ 4
    if payload[start] == quote {
      switch UInt16(payload[start &+ 1] | 0x20) &<< 8 | UInt16(payload[start &+ 2] | 0x20) {
      // `ping`, `pong`, `phoenix`, `heartbeat`, `keepalive`, `ka`
      case 0x7069, 0x706F, 0x7068, 0x6865, 0x6B65, 0x6B61: return true
      // `pusher:ping`, and not `publish`
      case 0x7075: return payload[start &+ 3] | 0x20 == UInt8(ascii: "s")
      default: break
      }
    }
    switch length {
    // `id`, `ts`
    case 2:
      return (name & 0xFFFF == 0x6469 || name & 0xFFFF == 0x7374) && hasKindSecond(payload, behind: start)
    // `ref`
    case 3: return name & 0xFF_FFFF == 0x66_6572
    // `time`
    case 4: return name & 0xFFFF_FFFF == 0x656D_6974 && hasKindSecond(payload, behind: start)
    default: return false
    }
  }

  /// `join_ref` of Phoenix, and `timestamp`.
  @inlinable @inline(__always)
  static func mayBeginWithLongName(_ payload: Span<UInt8>) -> Bool {
    if payload[10] == quote { return payload.has("join_ref", at: 2) }
    guard payload[11] == quote, payload.has("timestamp", at: 2) else { return false }
    return hasKindSecond(payload, behind: payload[13] == UInt8(ascii: " ") ? 14 : 13)
  }

  /// Whether a number, or a text as long as a UUID, is followed by a member whose text begins as those of heartbeats do.
  @usableFromInline @inline(never)
  static func hasKindSecond(_ payload: Span<UInt8>, behind start: Int) -> Bool {
    var place = start
    if payload[place] == quote {
      place += 37
      guard place < payload.count, payload[place] == quote else { return false }
      place += 1
    } else {
      while place < payload.count, isDigit(payload[place]) || payload[place] == UInt8(ascii: ".") {
        place += 1
      }
    }
    guard place > start, place < payload.count, payload[place] == UInt8(ascii: ",") else { return false }
    var members = ObjectMembers(payload, from: place + 1)
    guard let member = members.next(), member.isText, !member.value.isEmpty else { return false }
    switch payload[member.value.lowerBound] | 0x20 {
    case UInt8(ascii: "p"), UInt8(ascii: "h"), UInt8(ascii: "k"): return true
    default: return false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
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
    for index in 1..<text.count where !isDigit(text[index]) {
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
        if name.isText("type"), value.isText("ka") { return (.graphQL, .oneWay) }
        (found, isOther) = (role(of: value), true)
        if name.isText("event"), value.isText("heartbeat") { ofPhoenix = .question }
      }
    }
    if isPhoenix { return ofPhoenix.map { (.phoenix, $0) } }
    return found.map { (.text, $0) }
  }

  /// Whether a member tells what kind of message this is, whatever its letters' case.
  private static func isKind(_ name: Span<UInt8>) -> Bool {
    func isOne(_ word: StaticString) -> Bool { name.has(word, at: 0, ignoringCase: true) }
    // The length alone rules out most names.
    return switch name.count {
    case 1: isOne("t") || isOne("e")
    case 2: isOne("op")
    case 3: isOne("msg") || isOne("cmd")
    case 4: isOne("type") || isOne("kind")
    case 5: isOne("event")
    case 6: isOne("action") || isOne("method") || isOne("result")
    case 7: isOne("command") || isOne("request")
    case 9: isOne("eventtype")
    case 10: isOne("event_type")
    case 11: isOne("messagetype")
    case 12: isOne("message_type")
    default: false
    }
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
