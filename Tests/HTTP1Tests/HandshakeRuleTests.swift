import TestSupport
import Testing
import WireBytes

@testable import HTTP1

/// One exchange that breaks a rule and one that just does not.
struct RuleCase: Sendable, CustomTestStringConvertible {
  let rule: Rule
  let bad: (request: [String], response: [String])
  let good: (request: [String], response: [String])
  /// What the bad one comes to.
  let outcome: Handshake.Outcome
  /// All that is reported of the bad one.
  let finds: [String]
  var testDescription: String { rule.name }

  init(
    _ rule: Rule, request bad: [String] = goodRequest, _ badResponse: [String] = goodResponse,
    butNot good: [String] = goodRequest, _ goodResponse: [String] = goodResponse,
    outcome: Handshake.Outcome = .upgraded, finds: [String]
  ) {
    self.rule = rule
    self.finds = finds
    (self.bad, self.good) = ((bad, badResponse), (good, goodResponse))
    self.outcome = outcome
  }
}

private let chat = goodRequest + ["Sec-WebSocket-Protocol: chat, talk"]
private let deflate = goodRequest + ["Sec-WebSocket-Extensions: permessage-deflate"]

private let requestCases: [RuleCase] = [
  RuleCase(
    HandshakeRule.methodNotGet, request: goodRequest.beginning("POST / HTTP/1.1"),
    finds: ["violation method_not_get, client, packet 1, offset 0: the method is \"POST\""]),
  RuleCase(
    HandshakeRule.requestHTTPVersion, request: goodRequest.beginning("GET / HTTP/1.0"),
    butNot: goodRequest.beginning("GET / HTTP/1.2"),
    finds: ["violation request_http_version, client, packet 1, offset 0: the request is HTTP/1.0"]),
  RuleCase(
    HandshakeRule.invalidTarget, request: goodRequest.beginning("GET /a#b HTTP/1.1"),
    butNot: goodRequest.beginning("GET HTTP://h/a%23b HTTP/1.1"),
    finds: ["violation invalid_request_target, client, packet 1, offset 0: the request target is \"/a#b\""]),
  RuleCase(
    HandshakeRule.invalidTarget, request: goodRequest.beginning("GET * HTTP/1.1"),
    butNot: goodRequest.beginning("GET https://h HTTP/1.1"),
    finds: ["violation invalid_request_target, client, packet 1, offset 0: the request target is \"*\""]),
  RuleCase(
    HandshakeRule.missingHost, request: goodRequest.without("Host"),
    butNot: goodRequest.without("Host", adding: "host:"),
    finds: ["violation missing_host, client, packet 1, offset 0: the request has no Host field"]),
  RuleCase(
    HandshakeRule.requestWithoutUpgrade,
    request: goodRequest.without("Upgrade", adding: "Upgrade: websockets"),
    butNot: goodRequest.without("Upgrade", adding: "Upgrade: h2c, WebSocket"),
    finds: [
      "violation request_without_upgrade, client, packet 1, offset 0: Upgrade is \"websockets\", expected websocket"
    ]),
  RuleCase(
    HandshakeRule.requestWithoutUpgrade, request: goodRequest.without("Upgrade"),
    finds: [
      "violation request_without_upgrade, client, packet 1, offset 0: there is no Upgrade field, expected websocket"
    ]),
  RuleCase(
    HandshakeRule.requestWithoutConnection,
    request: goodRequest.without("Connection", adding: "Connection: keep-alive"),
    butNot: goodRequest.without("Connection", adding: "Connection: a", "connection: upgrade"),
    finds: [
      "violation request_without_connection_upgrade, client, packet 1, offset 0: Connection is \"keep-alive\", expected Upgrade"
    ]),
  RuleCase(
    HandshakeRule.missingKey, request: goodRequest.without("Sec-WebSocket-Key"),
    finds: ["violation missing_key, client, packet 1, offset 0: the request has no Sec-WebSocket-Key"]),
  RuleCase(
    HandshakeRule.invalidKey,
    request: goodRequest.without("Sec-WebSocket-Key", adding: "Sec-WebSocket-Key: c2hvcnQ="),
    goodResponse.without(
      "Sec-WebSocket-Accept", adding: "Sec-WebSocket-Accept: " + AcceptKey.accept(for: "c2hvcnQ=")),
    finds: [
      "violation invalid_key, client, packet 1, offset 0: Sec-WebSocket-Key is \"c2hvcnQ=\", expected base64 of 16 bytes"
    ]),
  RuleCase(
    HandshakeRule.missingVersion, request: goodRequest.without("Sec-WebSocket-Version"),
    finds: [
      "violation missing_version, client, packet 1, offset 0: the request has no Sec-WebSocket-Version, expected 13"
    ]),
  RuleCase(
    HandshakeRule.unknownVersion,
    request: goodRequest.without("Sec-WebSocket-Version", adding: "Sec-WebSocket-Version: 14"),
    finds: [
      "violation unknown_version, client, packet 1, offset 0: Sec-WebSocket-Version is \"14\", expected 13"
    ]),
  RuleCase(
    HandshakeRule.unknownVersion,
    request: goodRequest.without("Sec-WebSocket-Version", adding: "Sec-WebSocket-Version: 13, 8"),
    finds: [
      "violation unknown_version, client, packet 1, offset 0: Sec-WebSocket-Version is \"13, 8\", expected 13"
    ]),
  RuleCase(
    HandshakeRule.draftVersion,
    request: goodRequest.without("Sec-WebSocket-Version", adding: "Sec-WebSocket-Version: 8"),
    finds: [
      "warning draft_version, client, packet 1, offset 0: Sec-WebSocket-Version is 8: drafts hybi-08 to hybi-12; expected 13"
    ]),
  RuleCase(
    HandshakeRule.draftHixie76, request: goodRequest + ["Sec-WebSocket-Key1: 1", "Sec-WebSocket-Key2: 2"],
    finds: [
      "warning draft_hixie_76, client, packet 1, offset 0: Sec-WebSocket-Key1 and Sec-WebSocket-Key2 belong to the draft hixie-76"
    ]),
  RuleCase(
    HandshakeRule.draftHixie75,
    request: goodRequest.without("Sec-WebSocket-Key").without("Sec-WebSocket-Version"),
    goodResponse + ["WebSocket-Location: ws://h/"], butNot: goodRequest,
    goodResponse + ["WebSocket-Location: ws://h/"],
    finds: [
      "warning draft_hixie_75, client, packet 1, offset 0: there is no Sec-WebSocket-Key, but there are WebSocket- fields of the draft hixie-75"
    ]),
  RuleCase(
    HandshakeRule.invalidSubprotocol, request: goodRequest + ["Sec-WebSocket-Protocol: a/b"],
    goodResponse + ["Sec-WebSocket-Protocol: a/b"], butNot: goodRequest + ["Sec-WebSocket-Protocol: a.b"],
    goodResponse + ["Sec-WebSocket-Protocol: a.b"],
    finds: [
      "violation invalid_subprotocol, client, packet 1, offset 0: the subprotocol \"a/b\" is not a token"
    ]),
  RuleCase(
    HandshakeRule.repeatedSubprotocol,
    request: goodRequest + ["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: b, a"],
    goodResponse + ["Sec-WebSocket-Protocol: a"],
    butNot: goodRequest + ["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: b, A"],
    goodResponse + ["Sec-WebSocket-Protocol: a"],
    finds: [
      "violation repeated_subprotocol, client, packet 1, offset 0: the subprotocol \"a\" is offered again"
    ]),
  RuleCase(
    HandshakeRule.duplicatedField, request: goodRequest + ["Sec-WebSocket-Key: \(sampleKey)"],
    butNot: goodRequest + ["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: b"],
    goodResponse + ["Sec-WebSocket-Protocol: a"],
    finds: [
      "violation duplicated_field, client, packet 1, offset 0: there are 2 Sec-WebSocket-Key fields: \"dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==\""
    ]),
  RuleCase(
    HandshakeRule.duplicatedField, request: goodRequest + ["host: other"],
    finds: [
      "violation duplicated_field, client, packet 1, offset 0: there are 2 Host fields: \"server.example.com, other\""
    ]),
  RuleCase(
    HandshakeRule.misplacedField, request: goodRequest + ["Sec-WebSocket-Accept: \(sampleAccept)"],
    finds: [
      "note misplaced_field, client, packet 1, offset 0: the request has Sec-WebSocket-Accept, which belongs in responses"
    ]),
  RuleCase(
    HandshakeRule.malformedExtensions, request: goodRequest + ["Sec-WebSocket-Extensions: a;;b"],
    butNot: goodRequest + ["Sec-WebSocket-Extensions: a;b=\"c\",,d"],
    finds: [
      "violation malformed_extensions, client, packet 1, offset 0: Sec-WebSocket-Extensions has the element \"a;;b\""
    ]),
]

private let responseCases: [RuleCase] = [
  RuleCase(
    HandshakeRule.rejected, goodResponse.beginning("HTTP/1.1 200 OK"), outcome: .rejected,
    finds: ["note handshake_rejected, server, packet 2, offset 0: the answer is 200 \"OK\" instead of 101"]),
  RuleCase(
    HandshakeRule.responseHTTPVersion, goodResponse.beginning("HTTP/1.0 101 x"),
    finds: ["violation response_http_version, server, packet 2, offset 0: the response is HTTP/1.0"]),
  RuleCase(
    HandshakeRule.responseWithoutUpgrade, goodResponse.without("Upgrade", adding: "Upgrade: h2c, websocket"),
    butNot: goodRequest, goodResponse.without("Upgrade", adding: "UPGRADE: WEBSOCKET"), outcome: .invalid,
    finds: [
      "violation response_without_upgrade, server, packet 2, offset 0: Upgrade is \"h2c, websocket\", expected websocket"
    ]),
  RuleCase(
    HandshakeRule.responseWithoutUpgrade, goodResponse.without("Upgrade"), outcome: .invalid,
    finds: [
      "violation response_without_upgrade, server, packet 2, offset 0: there is no Upgrade field, expected websocket"
    ]),
  RuleCase(
    HandshakeRule.responseWithoutConnection,
    goodResponse.without("Connection", adding: "Connection: close"), butNot: goodRequest,
    goodResponse.without("Connection", adding: "connection: x, UPGRADE"), outcome: .invalid,
    finds: [
      "violation response_without_connection_upgrade, server, packet 2, offset 0: Connection is \"close\", expected Upgrade"
    ]),
  RuleCase(
    HandshakeRule.missingAccept, goodResponse.without("Sec-WebSocket-Accept"), outcome: .invalid,
    finds: [
      "violation missing_accept, server, packet 2, offset 0: the 101 has no Sec-WebSocket-Accept, expected s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    ]),
  RuleCase(
    HandshakeRule.wrongAccept,
    goodResponse.without(
      "Sec-WebSocket-Accept", adding: "Sec-WebSocket-Accept: \(sampleAccept.lowercased())"),
    outcome: .invalid,
    finds: [
      "violation wrong_accept, server, packet 2, offset 0: Sec-WebSocket-Accept is \"s3pplmbitxaq9kygzzhzrbk+xoo=\", expected \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\", and it is the right one in other letter case"
    ]),
  RuleCase(
    HandshakeRule.duplicatedField, goodResponse + ["Sec-WebSocket-Accept: \(sampleAccept)"],
    butNot: goodRequest, goodResponse + ["Set-Cookie: a", "Set-Cookie: b"],
    finds: [
      "violation duplicated_field, server, packet 2, offset 0: there are 2 Sec-WebSocket-Accept fields: \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=, s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\""
    ]),
  RuleCase(
    HandshakeRule.misplacedField, goodResponse + ["Sec-WebSocket-Key: \(sampleKey)"],
    finds: [
      "note misplaced_field, server, packet 2, offset 0: the response has Sec-WebSocket-Key, which belongs in requests"
    ]),
  RuleCase(
    HandshakeRule.subprotocolNotOffered, request: chat, goodResponse + ["Sec-WebSocket-Protocol: Chat"],
    butNot: chat, goodResponse + ["Sec-WebSocket-Protocol: talk"], outcome: .invalid,
    finds: [
      "violation subprotocol_not_offered, server, packet 2, offset 0: the server selects the subprotocol \"Chat\", offered: \"chat, talk\""
    ]),
  RuleCase(
    HandshakeRule.subprotocolNotOffered, goodResponse + ["Sec-WebSocket-Protocol: chat"], outcome: .invalid,
    finds: [
      "violation subprotocol_not_offered, server, packet 2, offset 0: the server selects the subprotocol \"chat\", offered: none"
    ]),
  RuleCase(
    HandshakeRule.severalSubprotocols, request: chat, goodResponse + ["Sec-WebSocket-Protocol: chat, talk"],
    butNot: chat, goodResponse + ["Sec-WebSocket-Protocol: chat"], outcome: .invalid,
    finds: [
      "violation several_subprotocols, server, packet 2, offset 0: the server selects 2 subprotocols: \"chat, talk\""
    ]),
  RuleCase(
    HandshakeRule.noSubprotocolSelected, request: chat, butNot: chat,
    goodResponse + ["Sec-WebSocket-Protocol: chat"],
    finds: [
      "note no_subprotocol_selected, server, packet 2, offset 0: the server selects no subprotocol, offered: \"chat, talk\""
    ]),
  RuleCase(
    HandshakeRule.extensionNotOffered, request: deflate,
    goodResponse + ["Sec-WebSocket-Extensions: permessage-bzip2"], butNot: deflate,
    goodResponse + ["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"],
    outcome: .invalid,
    finds: [
      "violation extension_not_offered, server, packet 2, offset 0: the server selects the extension \"permessage-bzip2\", offered: \"permessage-deflate\""
    ]),
  RuleCase(
    HandshakeRule.extensionNotOffered, goodResponse + ["Sec-WebSocket-Extensions: permessage-deflate"],
    outcome: .invalid,
    finds: [
      "violation extension_not_offered, server, packet 2, offset 0: the server selects the extension \"permessage-deflate\", offered: none"
    ]),
  RuleCase(
    HandshakeRule.malformedExtensions, request: deflate,
    goodResponse + ["Sec-WebSocket-Extensions: permessage-deflate; a=\"b"], butNot: deflate,
    goodResponse + ["Sec-WebSocket-Extensions: permessage-deflate; a=\"b\""], outcome: .invalid,
    finds: [
      "violation malformed_extensions, server, packet 2, offset 0: Sec-WebSocket-Extensions has the element \"permessage-deflate; a=\"b\"",
      "violation deflate_unknown_parameter, server, packet 2, offset 0: permessage-deflate has \"a=b\"",
    ]),
  RuleCase(
    HandshakeRule.versionIn101, goodResponse + ["Sec-WebSocket-Version: 13"],
    finds: ["note version_in_101, server, packet 2, offset 0: the 101 has Sec-WebSocket-Version \"13\""]),
  RuleCase(
    HandshakeRule.upgradeRequiredWithoutVersion, ["HTTP/1.1 426 Upgrade Required"], butNot: goodRequest,
    ["HTTP/1.1 426 Upgrade Required", "Sec-WebSocket-Version: 13, 8"], outcome: .rejected,
    finds: [
      "note handshake_rejected, server, packet 2, offset 0: the answer is 426 \"Upgrade Required\" instead of 101",
      "note upgrade_required_without_version, server, packet 2, offset 0: the answer is 426 without Sec-WebSocket-Version: the client cannot know which version to use",
    ]),
  RuleCase(
    HandshakeRule.bodyFieldsIn101, goodResponse + ["Content-Length: 0"],
    finds: ["violation body_fields_in_101, server, packet 2, offset 0: the 101 has Content-Length \"0\""]),
  RuleCase(
    HandshakeRule.bodyFieldsIn101, goodResponse + ["Transfer-Encoding: chunked"],
    finds: [
      "violation body_fields_in_101, server, packet 2, offset 0: the 101 has Transfer-Encoding \"chunked\""
    ]),
]

private func offers(_ parameters: String) -> [String] {
  goodRequest + ["Sec-WebSocket-Extensions: permessage-deflate\(parameters)"]
}

private func accepts(_ parameters: String) -> [String] {
  goodResponse + ["Sec-WebSocket-Extensions: permessage-deflate\(parameters)"]
}

/// RFC 7692 §7.1: what an offer may say.
private let unknownParameters: [(bad: String, good: String, finds: [String])] = [
  (
    "; server_no_context", "; server_no_context_takeover",
    [
      "violation deflate_unknown_parameter, client, packet 1, offset 0: permessage-deflate has \"server_no_context\""
    ]
  ),
  (
    "; a=1", "",
    ["violation deflate_unknown_parameter, client, packet 1, offset 0: permessage-deflate has \"a=1\""]
  ),
]

private let invalidValues: [(bad: String, good: String, finds: [String])] = [
  (
    "; server_max_window_bits", "; server_max_window_bits=8",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"server_max_window_bits\""
    ]
  ),
  (
    "; server_max_window_bits=7", "; server_max_window_bits=15",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"server_max_window_bits=7\""
    ]
  ),
  (
    "; server_max_window_bits=16", "; server_max_window_bits=10",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"server_max_window_bits=16\""
    ]
  ),
  (
    "; server_max_window_bits=09", "; server_max_window_bits=9",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"server_max_window_bits=09\""
    ]
  ),
  (
    "; client_max_window_bits=x", "; client_max_window_bits",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"client_max_window_bits=x\""
    ]
  ),
  (
    "; client_max_window_bits=+9", "; client_max_window_bits=\"9\"",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"client_max_window_bits=+9\""
    ]
  ),
  (
    "; client_no_context_takeover=1", "; client_no_context_takeover",
    [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"client_no_context_takeover=1\""
    ]
  ),
]

private func ofOffer(_ rule: Rule, _ test: (bad: String, good: String, finds: [String])) -> RuleCase {
  RuleCase(
    rule, request: offers(test.bad), goodResponse, butNot: offers(test.good), goodResponse, finds: test.finds)
}

private let offerCases: [RuleCase] =
  unknownParameters.map { ofOffer(DeflateRule.unknownParameter, $0) }
  + invalidValues.map { ofOffer(DeflateRule.invalidValue, $0) }

/// What an acceptance may say, and of which offer.
private let deflateCases: [RuleCase] = [
  RuleCase(
    DeflateRule.repeatedParameter, request: offers("; client_max_window_bits; client_max_window_bits"),
    goodResponse, butNot: offers("; client_max_window_bits, permessage-deflate; client_max_window_bits"),
    goodResponse,
    finds: [
      "violation deflate_repeated_parameter, client, packet 1, offset 0: permessage-deflate has \"client_max_window_bits\" again"
    ]),
  RuleCase(
    DeflateRule.unknownParameter, request: offers(""), accepts("; x"), butNot: offers(""), accepts(""),
    outcome: .invalid,
    finds: ["violation deflate_unknown_parameter, server, packet 2, offset 0: permessage-deflate has \"x\""]),
  RuleCase(
    DeflateRule.invalidValue, request: offers("; client_max_window_bits"),
    accepts("; client_max_window_bits"),
    butNot: offers("; client_max_window_bits"), accepts("; client_max_window_bits=15"), outcome: .invalid,
    finds: [
      "violation deflate_invalid_value, server, packet 2, offset 0: permessage-deflate has \"client_max_window_bits\""
    ]),
  RuleCase(
    DeflateRule.repeatedParameter, request: offers(""),
    accepts("; server_no_context_takeover; server_no_context_takeover"), butNot: offers(""),
    accepts("; server_no_context_takeover; client_no_context_takeover"), outcome: .invalid,
    finds: [
      "violation deflate_repeated_parameter, server, packet 2, offset 0: permessage-deflate has \"server_no_context_takeover\" again"
    ]),
  RuleCase(
    DeflateRule.notOffered, request: offers(""), accepts("; client_max_window_bits=12"),
    butNot: offers(", permessage-deflate; client_max_window_bits"), accepts("; client_max_window_bits=12"),
    outcome: .invalid,
    finds: [
      "violation deflate_parameter_not_offered, server, packet 2, offset 0: the response has client_max_window_bits, the offer does not"
    ]),
  RuleCase(
    DeflateRule.offerNotHonoured, request: offers("; server_no_context_takeover"), accepts(""),
    butNot: offers("; server_no_context_takeover, permessage-deflate"), accepts(""), outcome: .invalid,
    finds: [
      "violation deflate_offer_not_honoured, server, packet 2, offset 0: the offer asks for server_no_context_takeover, the response lacks it"
    ]),
  RuleCase(
    DeflateRule.offerNotHonoured, request: offers("; server_max_window_bits=10"),
    accepts("; server_max_window_bits=11"), butNot: offers("; server_max_window_bits=10"),
    accepts("; server_max_window_bits=9"), outcome: .invalid,
    finds: [
      "violation deflate_offer_not_honoured, server, packet 2, offset 0: the offer asks for server_max_window_bits=10, the response says 11"
    ]),
  RuleCase(
    DeflateRule.offerNotHonoured, request: offers("; server_max_window_bits=10"), accepts(""),
    butNot: offers(""), accepts("; server_max_window_bits=10"), outcome: .invalid,
    finds: [
      "violation deflate_offer_not_honoured, server, packet 2, offset 0: the offer asks for server_max_window_bits=10, the response lacks it"
    ]),
  RuleCase(
    DeflateRule.offerNotHonoured, request: offers("; client_max_window_bits=10"),
    accepts("; client_max_window_bits=11"), butNot: offers("; client_max_window_bits=10"), accepts(""),
    outcome: .invalid,
    finds: [
      "violation deflate_offer_not_honoured, server, packet 2, offset 0: the offer limits client_max_window_bits to 10, the response says 11"
    ]),
  RuleCase(
    DeflateRule.invalidOfferAccepted, request: offers("; server_max_window_bits=7"),
    accepts("; server_max_window_bits=8"),
    butNot: offers("; server_max_window_bits=7, permessage-deflate; server_max_window_bits=8"),
    accepts("; server_max_window_bits=8"),
    finds: [
      "violation deflate_invalid_value, client, packet 1, offset 0: permessage-deflate has \"server_max_window_bits=7\"",
      "violation deflate_invalid_offer_accepted, server, packet 2, offset 0: the server accepts \"permessage-deflate\" although the offer is invalid: permessage-deflate has \"server_max_window_bits=7\"",
    ]),
  RuleCase(
    DeflateRule.offerNotHonoured, request: offers("; a=1, permessage-deflate; server_no_context_takeover"),
    accepts(""), butNot: offers("; server_no_context_takeover, permessage-deflate"), accepts(""),
    outcome: .invalid,
    finds: [
      "violation deflate_unknown_parameter, client, packet 1, offset 0: permessage-deflate has \"a=1\"",
      "violation deflate_offer_not_honoured, server, packet 2, offset 0: the offer asks for server_no_context_takeover, the response lacks it",
    ]),
  RuleCase(
    DeflateRule.selectedTwice, request: offers(""), accepts(", permessage-deflate"), butNot: offers(""),
    accepts(""), outcome: .invalid,
    finds: [
      "violation deflate_selected_twice, server, packet 2, offset 0: the server selects \"permessage-deflate, permessage-deflate\""
    ]),
  RuleCase(
    DeflateRule.perFrame, request: goodRequest + ["Sec-WebSocket-Extensions: x-webkit-deflate-frame"],
    goodResponse + ["Sec-WebSocket-Extensions: x-webkit-deflate-frame"], butNot: offers(""), accepts(""),
    finds: [
      "note deflate_frame, server, packet 2, offset 0: the server selects the extension \"x-webkit-deflate-frame\""
    ]),
]

@Suite("Every rule of the handshake")
struct HandshakeRuleTests {
  static let all = requestCases + responseCases + offerCases + deflateCases

  @Test("the client's rules are found broken, and only where they are", arguments: requestCases)
  func request(_ test: RuleCase) { check(test) }

  @Test("the server's rules are found broken, and only where they are", arguments: responseCases)
  func response(_ test: RuleCase) { check(test) }

  @Test(
    "what permessage-deflate asks for is found broken, and only where it is",
    arguments: offerCases + deflateCases)
  func deflateNegotiation(_ test: RuleCase) { check(test) }

  private func check(_ test: RuleCase) {
    let bad = handshake(test.bad.request, test.bad.response)
    let good = handshake(test.good.request, test.good.response)
    #expect(bad?.anomalies.map(\.finding) == test.finds)
    // By name: of a rule's references a finding cites the one that applies.
    #expect(bad?.anomalies.contains { $0.rule.name == test.rule.name } == true)
    #expect(bad?.outcome == test.outcome)
    #expect(good?.anomalies.contains { $0.rule.name == test.rule.name } == false, "\(good as Any)")
  }

  @Test("no rule is without a test")
  func complete() {
    let tested = Set(Self.all.map(\.rule))
    // Those that take more than two heads: HandshakeTests and HTTP1ExchangeTests.
    let others = [
      HandshakeRule.unanswered, HandshakeRule.requestNotCaptured, HandshakeRule.dataBeforeResponse,
    ]
    #expect(tested.union(others) == Set(HandshakeRule.all + DeflateRule.all))
  }

  @Test("names are unique, lower case, and every rule says what it asks for")
  func names() {
    let all = HandshakeRule.all + DeflateRule.all + HTTPRule.all
    #expect(Set(all.map(\.name)).count == all.count)
    for rule in all {
      #expect(
        rule.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } && rule.meaning.hasSuffix("."))
    }
  }
}
