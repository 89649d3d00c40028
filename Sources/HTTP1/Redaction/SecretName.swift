import WireBytes

/// What the name of a field, parameter or member says about its value; docs/redaction.md has the tables.
///
/// A name is split into words, and words and pairs of words are looked up. Nothing is found inside a word.
enum SecretName {
  /// What a name says.
  enum Kind: UInt8 {
    /// Nothing: the look of the value decides.
    case unknown
    /// What the value is, and that it is no secret. Only known tokens are hidden.
    case named
    /// That it identifies a session. Short and plain values do not.
    case session
    /// That it is secret.
    case secret
  }

  /// What a name says, after its `%` escapes were decoded.
  static func kind(of name: Span<UInt8>) -> Kind {
    guard name.first(UInt8(ascii: "%"), in: 0..<name.count) != nil else { return kind(ofDecoded: name) }
    var decoded = SecretURL.decoded(name)
    for _ in 1..<SecretURL.mostLevels where decoded.contains(UInt8(ascii: "%")) {
      decoded = SecretURL.decoded(decoded.span)
    }
    return kind(ofDecoded: decoded.span)
  }

  private static func kind(ofDecoded name: Span<UInt8>) -> Kind {
    var words = Words()
    var (before, last, found, count) = (Word(), Word(), Kind.unknown, 0)
    var (isNamed, isLastSecret) = (false, false)
    var traits = (last: Traits(), before: Traits())
    while let word = words.next(in: name) {
      count += 1
      (before, last) = (last, word)
      traits = (Tables.traits.of(word), traits.last)
      if traits.last.isEmpty {
        isLastSecret = false
        continue
      }
      let pair = traits.last.contains(.endsPair) ? Pair(before, word) : nil
      if traits.last.contains(.neverSecret) || pair.map({ Tables.neverSecretPairs.contains($0) }) ?? false {
        return .named
      }
      isLastSecret =
        traits.last.contains(.secret) || pair.map { Tables.secretPairs.contains($0) } ?? false
        || traits.last.contains(.key) && !traits.before.contains(.harmlessKey)
      if isLastSecret { found = .secret }
      if traits.last.contains(.session), found == .unknown { found = .session }
      if traits.last.contains(.naming) { isNamed = true }
    }
    // As the last word only: a pass_count counts.
    if !isLastSecret,
      traits.last.contains(.secretAtEnd) || count == 1 && traits.last.contains(.secretAlone)
    {
      (found, isLastSecret) = (.secret, true)
    }
    if !isLastSecret, traits.last.contains(.harmlessAtEnd) { return .named }
    return found == .unknown && isNamed ? .named : found
  }

  /// What the tables say of a word.
  private struct Traits: OptionSet {
    let rawValue: UInt16

    static let secret = Traits(rawValue: 1 << 0)
    static let secretAtEnd = Traits(rawValue: 1 << 1)
    static let secretAlone = Traits(rawValue: 1 << 2)
    static let session = Traits(rawValue: 1 << 3)
    static let neverSecret = Traits(rawValue: 1 << 4)
    static let harmlessKey = Traits(rawValue: 1 << 5)
    static let harmlessAtEnd = Traits(rawValue: 1 << 6)
    static let naming = Traits(rawValue: 1 << 7)
    static let key = Traits(rawValue: 1 << 8)
    /// It is the second word of a pair in a table.
    static let endsPair = Traits(rawValue: 1 << 9)
  }

  /// Words by place: every name of every handshake is looked up, and nobody chooses what is in here.
  private struct TraitTable {
    private var words = [Word](repeating: Word(), count: size)
    private var traits = [Traits](repeating: Traits(), count: size)

    private static let size = 1024

    private static func place(_ word: Word) -> Int {
      Int(truncatingIfNeeded: ((word.low ^ word.high &* 31) &* 0x9E37_79B9_7F4A_7C15) >> 54)
    }

    mutating func add(_ more: Traits, to list: Set<Word>) {
      for word in list {
        var place = Self.place(word)
        while !traits[place].isEmpty, words[place] != word { place = (place + 1) % Self.size }
        words[place] = word
        traits[place].formUnion(more)
      }
    }

    func of(_ word: Word) -> Traits {
      var place = Self.place(word)
      while !traits[place].isEmpty {
        if words[place] == word { return traits[place] }
        place = (place &+ 1) & (Self.size &- 1)
      }
      return Traits()
    }
  }

  // MARK: Words

  /// A word of up to 16 letters in lower case. Longer ones are in no table.
  private struct Word: Hashable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init() {}

    init(_ text: Span<UInt8>) {
      guard text.count <= 16 else { return }
      for index in text.indices {
        high = high << 8 | low >> 56
        low = low << 8 | UInt64(ASCII.lowered(text[index]))
      }
    }
  }

  private struct Pair: Hashable {
    let first: Word
    let second: Word

    init(_ first: Word, _ second: Word) { (self.first, self.second) = (first, second) }
  }

  /// Iterates over the words of a name: `SAMLResponse2` has `saml`, `response` and `2`.
  private struct Words {
    private var place = 0

    mutating func next(in name: Span<UInt8>) -> Word? {
      while place < name.count, Self.kind(name[place]) == .other { place += 1 }
      guard place < name.count else { return nil }
      let start = place
      place += 1
      while place < name.count, !isBoundary(in: name) { place += 1 }
      return Word(name.extracting(start..<place))
    }

    private enum Letter { case small, capital, digit, other }

    private static func kind(_ byte: UInt8) -> Letter {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): .small
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): .capital
      case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
      default: .other
      }
    }

    /// Whether a word ends before `place`.
    private func isBoundary(in name: Span<UInt8>) -> Bool {
      let (last, next) = (Self.kind(name[place - 1]), Self.kind(name[place]))
      switch (last, next) {
      case (.capital, .capital):
        // The last capital of several begins the next word: OAuth.
        return place + 1 < name.count && Self.kind(name[place + 1]) == .small
      case (.capital, .small): return false
      default: return last != next
      }
    }
  }

  // MARK: Tables

  private enum Tables {
    /// Everything below, by word.
    static let traits: TraitTable = {
      var table = TraitTable()
      table.add(.secret, to: secret)
      table.add(.secretAtEnd, to: secretAtEnd)
      table.add(.secretAlone, to: secretAlone)
      table.add(.session, to: session)
      table.add(.neverSecret, to: neverSecret)
      table.add(.harmlessKey, to: harmlessKeys)
      table.add(.harmlessAtEnd, to: harmlessAtEnd)
      table.add(.naming, to: naming)
      table.add(.key, to: words("key"))
      table.add(.endsPair, to: Set(secretPairs.union(neverSecretPairs).map(\.second)))
      return table
    }()

    static let secret = words(
      """
      token secret password passwd passphrase passcode pwd jwt jws apikey credential credentials signature sig hmac auth
      authorization authentication bearer otp totp hotp mfa psk sso ticket csrf xsrf assertion saml sid phpsessid
      jsessionid cookie cookies userpass authkey authcode accesskey accountkey masterkey secretkey privatekey signingkey
      sharedkey streamkey sessionkey clientsecret accesstoken authtoken apitoken idtoken refreshtoken sessiontoken
      connectiontoken usertoken securitytoken wstoken appkey appsecret consumerkey consumersecret passkey cred creds captcha
      recaptcha hcaptcha hdnea hdnts hdntl samlresponse samlrequest samlart clientassertion
      """)
    static let secretPairs = pairs(
      """
      pass word|pass phrase|pass code|2 fa|auth code|authorization code|verification code|login code|invite code|reset code
      access code|security code|activation code|confirmation code|device code|user code|backup code|recovery code|sms code
      pin code|magic link|code verifier|oauth verifier
      """)
    /// Secret as the last word.
    static let secretAtEnd = words("pass pw pin")
    /// Secret as the only word. OAuth's code is exchanged for a token (RFC 6749 §4.1.2).
    static let secretAlone = words("code")
    static let session = words("session sess sessionid sessid")
    static let neverSecret = words("ratelimit idempotency")
    static let neverSecretPairs = pairs("rate limit|sec websocket|sec web")
    /// What a key is for that opens nothing.
    static let harmlessKeys = words(
      "public cache partition routing sort primary foreign surrogate shard index row group message hot object storage"
    )
    /// As the last word these say that the value is about a secret: token_type, session_timeout, SigAlg.
    static let harmlessAtEnd = words(
      """
      type count counts limit budget expiry expires expiration ttl age length size url uri endpoint method mode enabled
      required status version format scheme name algorithm alg provider level index scope timeout timestamp time date
      duration user username nonce interval reason error remaining reset usage used total price symbol decimals address supply
      balance
      """)
    /// These say what a value is, so that its look does not decide.
    static let naming = words(
      """
      file filename channel room topic name hash sha md commit revision etag version build trace traceparent
      tracestate challenge request correlation span digest integrity image path date format locale lang language agent
      """)

    static func words(_ list: String) -> Set<Word> {
      Set(list.split(whereSeparator: \.isWhitespace).map { Word(Array($0.utf8).span) })
    }

    static func pairs(_ list: String) -> Set<Pair> {
      var pairs: Set<Pair> = []
      for pair in list.split(whereSeparator: { $0 == "|" || $0.isNewline }) {
        let words = pair.split(separator: " ").map { Word(Array($0.utf8).span) }
        if words.count == 2 { pairs.insert(Pair(words[0], words[1])) }
      }
      return pairs
    }
  }
}
