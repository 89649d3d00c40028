import Testing

@testable import HTTP1

/// Keys of vendors.
enum VendorKeys {
  /// Keys of the kinds that vendors give out. They are put together here, because scanners of repositories look for them, too.
  static let all: [String] = {
    let (word, hex) = ("Ab3dEf6hIj9lMn2pQr5tUv8xYz1B", "0123456789abcdef0123456789abcdef")
    let afterPrefix: [(String, String)] = [
      ("AK" + "IA", "IOSFODNN7EXAMPLE"), ("AS" + "IA", "Y34FZKBOKMUTVV7A"),
      ("AI" + "za", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"),
      ("gh" + "p_", word + "0123"), ("gh" + "o_", word), ("gh" + "s_", word),
      ("github" + "_pat_", "11ABCDEFG0" + word + "_" + word),
      ("gl" + "pat-", "abc-DEF_123456789012"), ("gl" + "rt-", "t1_abcDEF123456789"),
      ("xo" + "xb-", "123456789012-1234567890123-" + word),
      ("xo" + "xp-", "1234567890-abcdef"), ("xa" + "pp-", "1-A0123456789-1234567890123-abc"),
      ("sk" + "_live_", word), ("rk" + "_live_", word),
      ("sk" + "_test_", word), ("wh" + "sec_", word), ("ya" + "29.", "a0Ab1cD2eF3gH4-_iJ5kL6"),
      ("GOC" + "SPX-", "abcDEF123456-7890_abcd"),
      ("sk" + "-", word + word), ("sk" + "-proj-", word + "_" + word),
      ("sk" + "-ant-api03-", word + "-" + word), ("sk" + "-", hex),
      ("S" + "K", hex), ("S" + "G.", word + "." + word), ("np" + "m_", word),
      ("py" + "pi-", "AgEIcHlwaS5vcmcCJ" + word),
      ("h" + "f_", word), ("hv" + "s.", "CAESI" + word), ("do" + "p_v1_", hex), ("dap" + "i", hex),
      ("shp" + "at_", hex), ("ke" + "y-", hex),
      ("AT" + "ATT3x", "FfGF0" + word), ("gs" + "k_", word + word), ("lin" + "_api_", word),
      ("NR" + "AK-", "ABCDEFGHIJ0123456789ABCDEFG"),
    ]
    return afterPrefix.map { $0.0 + $0.1 } + [
      "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-_", "eyJ" + "hbGciOiJSU0EtT0FFUCJ9.a.b.c.d-e",
    ]
  }()
}

@Suite struct TokenShapeTableTests {
  @Test("Keys of vendors are hidden in every place that has no name for them", arguments: VendorKeys.all)
  func vendorKey(key: String) {
    let secrets = Secrets()
    #expect(!secrets.redacted(header: "X-Note", value: "see \(key) x").contains(key.suffix(12)))
    #expect(!secrets.redacted(body: "no such key: \(key).").contains(key.suffix(12)))
    #expect(!secrets.redacted(body: "{\"k\":\"\(key)\"}").contains(key.suffix(12)))
    let target = "/a/\(key)/b?room=\(key)&x=1"
    let shown = Secrets.redacted(line: Array("GET \(target) HTTP/1.1".utf8).span)
    #expect(!shown.contains(key.suffix(12)), "\(shown)")
    #expect(shown.hasSuffix("&x=1 HTTP/1.1"))
  }

  @Test(
    "What is no secret stays in every place",
    arguments: [
      "9f8e7d6c-5b4a-4938-a716-253443526170", "9F8E7D6C-5B4A-4938-A716-253443526170",
      "user-9f8e7d6c-5b4a-4938-a716-253443526170",
      "9f8e7d6c-5b4a-4938-a716-253443526170_0191d2f4-7c3b-7a60-8f21-3b9c5d7e9f10",
      "0191d2f4-7c3b-7a60-8f21-3b9c5d7e9f10",
      "9f8e7d6c5b4a4938a716253443526170", "01HZY3V5K8Q2W4E6R8T0Y2U4I6", "01hzy3v5k8q2w4e6r8t0y2u4i6",
      "msg_01HZY3V5K8Q2W4E6R8T0Y2U4I6",
      "507f1f77bcf86cd799439011", "room_507f1f77bcf86cd799439011", "9fceb02d0ae598e95dc970b74767f19372d61af8",
      "9fceb02", "9fceb02d0ae5",
      "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", "v1.2.3-14-g9fceb02d0ae5",
      "main.9fceb02d0ae598e95dc97.js", "app-4f9a8b7c6d5e4f3a2b1c0d9.chunk.css",
      "IMG_20260101_123456789_HDR.jpg",
      "Screenshot%202026-01-01%20at%2012.30.45.png", "report-Q3aB7xK9mP2wL5vN8cR4-final.pdf",
      "12345678901234567890123", "1700000000000",
      "-122.4194155,37.7749295", "the-quick-brown-fox-jumps-over-the-lazy-dog", "CamelCaseNamesOfManyWords2",
      "room-2026-11-21-general-channel",
      "sk-learn-for-everybody", "sk-region-2024-highlights-of-may", "npm_config_registry_of_this_user",
      "hf_transformer_model_names_v2",
      "pypi-packages-of-the-month-2024", "xapp-frontend-service-test", "ASIAPACIFICREGIONAL",
      "SKYSCRAPERSANDOTHERTALLHOUSES1234567",
      "key-of-the-house-number-12345678", "2026-01-01T00:00:00.000Z", "en-US,en;q=0.9",
      "user_12345_notifications_v2", "192.168.100.200",
      "application/vnd.api+json", "wss-gateway-7d9f8c6b5-x2v9q", "rk_live_", "gpt-4o-mini-2024-07-18",
    ])
  func stays(text: String) {
    let line = "GET /a/\(text)/b?v=\(text)&x=1 HTTP/1.1"
    #expect(Secrets.redacted(line: Array(line.utf8).span) == line)
    #expect(Secrets().redacted(header: "X-Note", value: text) == text)
    #expect(Secrets().redacted(body: "no \(text) here") == "no \(text) here")
  }

  @Test(
    "Fields about limits and such stay, whatever their values are",
    arguments: [
      ("max_tokens", "4096"), ("max_completion_tokens", "12"), ("session_id", "s1"),
      ("sessionId", "12345678"), ("token_type", "bearer"),
      ("token_usage", "12"), ("total_tokens", "8"), ("X-RateLimit-Remaining-Tokens", "9"),
      ("x-ratelimit-limit-tokens", "90000"),
      ("idempotency_key", "a8F3kQ9zX2mN7vB4cR6tY1"), ("Idempotency-Key", "a8F3kQ9zX2mN7vB4cR6tY1"),
      ("ratelimit-policy", "10;w=1"),
      ("author", "ann"), ("keyboard", "de"), ("token_symbol", "ETH"), ("password_min_length", "8"),
      ("auth_type", "jwt"),
      ("signature_version", "2"), ("filename", "a8F3kQ9zX2mN7vB4cR6tY1"),
      ("trace_id", "a8F3kQ9zX2mN7vB4cR6tY1"),
    ])
  func fields(name: String, value: String) {
    let line = "GET /a?\(name)=\(value)&x=1 HTTP/1.1"
    #expect(Secrets.redacted(line: Array(line.utf8).span) == line)
    #expect(Secrets().redacted(header: name, value: value) == value)
  }

  @Test(
    "The start of a token whose rest was not captured is hidden, and words and numbers are not",
    arguments: [
      ("eyJhbGciOiJIU", true), ("ghp_16C7", true), ("Zq7Xw2Lm9K", true), ("general", false),
      ("room-2026-11", false), ("12345678901", false),
      ("", false),
    ])
  func cut(text: String, isHidden: Bool) {
    let url = "/chat/\(text)"
    let found = SecretURL.parts(of: Array(url.utf8).span, isCut: true)
    #expect(found.count == (isHidden ? 1 : 0))
    #expect(
      SecretURL.parts(of: Array("/chat?room=\(text)".utf8).span, isCut: true).count == (isHidden ? 1 : 0))
  }
}
