import WireBytes

/// The rules of the opening handshake for both sides, RFC 6455 §4.
public enum HandshakeRule {
  // MARK: The request, §4.1 (what the client sends) and §4.2.1 (what the server reads)

  /// §4.1 item 2.
  public static let methodNotGet = Rule(
    "method_not_get", .violation, "RFC 6455 §4.1", "The method of the request is GET.")
  /// §4.1 item 2.
  public static let requestHTTPVersion = Rule(
    "request_http_version", .violation, "RFC 6455 §4.1", "The HTTP version of the request is at least 1.1.")
  /// §4.1 item 3; fragments §3.
  public static let invalidTarget = Rule(
    "invalid_request_target", .violation, "RFC 6455 §4.1",
    "The request target is a path or an absolute http(s) URI, without a fragment.")
  /// §4.1 item 4.
  public static let missingHost = Rule(
    "missing_host", .violation, "RFC 6455 §4.1", "The request has a Host field.")
  /// §4.1 item 5.
  public static let requestWithoutUpgrade = Rule(
    "request_without_upgrade", .violation, "RFC 6455 §4.1", "The request's Upgrade field lists websocket.")
  /// §4.1 item 6.
  public static let requestWithoutConnection = Rule(
    "request_without_connection_upgrade", .violation, "RFC 6455 §4.1",
    "The request's Connection field lists Upgrade.")
  /// §4.1 item 7.
  public static let missingKey = Rule(
    "missing_key", .violation, "RFC 6455 §4.1", "The request has a Sec-WebSocket-Key field.")
  /// §4.1 item 7.
  public static let invalidKey = Rule(
    "invalid_key", .violation, "RFC 6455 §4.1", "Sec-WebSocket-Key is base64 of 16 bytes.")
  /// §4.1 item 9.
  public static let missingVersion = Rule(
    "missing_version", .violation, "RFC 6455 §4.1", "The request has a Sec-WebSocket-Version field.")
  /// §4.1 item 9.
  public static let unknownVersion = Rule(
    "unknown_version", .violation, "RFC 6455 §4.1", "Sec-WebSocket-Version is 13.")
  /// A version that the IANA registry assigns to a draft.
  public static let draftVersion = Rule(
    "draft_version", .warning, "RFC 6455 §11.6", "Sec-WebSocket-Version is 13; lower ones were drafts.")
  /// Sec-WebSocket-Key1 and -Key2.
  public static let draftHixie76 = Rule(
    "draft_hixie_76", .warning, "draft-ietf-hybi-thewebsocketprotocol-00",
    "The handshake is that of RFC 6455, not of the draft hixie-76: its frames differ.")
  /// No key at all, WebSocket-Origin in the answer.
  public static let draftHixie75 = Rule(
    "draft_hixie_75", .warning, "draft-hixie-thewebsocketprotocol-75",
    "The handshake is that of RFC 6455, not of the draft hixie-75: its frames differ.")
  /// §4.1 item 10.
  public static let invalidSubprotocol = Rule(
    "invalid_subprotocol", .violation, "RFC 6455 §4.1", "A subprotocol's name is a token.")
  /// §4.1 item 10.
  public static let repeatedSubprotocol = Rule(
    "repeated_subprotocol", .violation, "RFC 6455 §4.1", "Subprotocols are offered once each.")
  /// §4.1, after the list.
  public static let dataBeforeResponse = Rule(
    "data_before_response", .warning, "RFC 6455 §4.1",
    "The client waits for the server's answer before it sends anything else.")

  // MARK: Both heads

  /// §11.3.1 to §11.3.5; Host RFC 9112 §3.2, Origin RFC 6454 §7.3.
  public static let duplicatedField = Rule(
    "duplicated_field", .violation, "RFC 6455 §11.3", "Fields that may stand once stand once.")
  /// §9.1.
  public static let malformedExtensions = Rule(
    "malformed_extensions", .violation, "RFC 6455 §9.1", "Sec-WebSocket-Extensions follows its grammar.")
  /// §11.3.1, §11.3.3.
  public static let misplacedField = Rule(
    "misplaced_field", .note, "RFC 6455 §11.3",
    "Sec-WebSocket-Key stands in requests, Sec-WebSocket-Accept in responses.")

  // MARK: The response, §4.2.2 (what the server sends) and §4.1 (what the client must refuse)

  /// No response was seen.
  public static let unanswered = Rule(
    "handshake_unanswered", .note, "RFC 6455 §4.2.2", "A request is answered.")
  /// A 101 without its request: the capture begins, or has a gap, between them.
  public static let requestNotCaptured = Rule(
    "request_not_captured", .note, "", "The request that a 101 answers is in the capture.")
  /// §4.2.2 item 5.1.
  public static let rejected = Rule(
    "handshake_rejected", .note, "RFC 6455 §4.2.2", "A server that accepts answers with status 101.")
  /// §4.2.2 item 5.1; RFC 9110 §7.8: HTTP/1.0 has no Upgrade.
  public static let responseHTTPVersion = Rule(
    "response_http_version", .violation, "RFC 6455 §4.2.2", "The 101 is an HTTP/1.1 response.")
  /// §4.2.2 item 5.2.
  public static let responseWithoutUpgrade = Rule(
    "response_without_upgrade", .violation, "RFC 6455 §4.2.2", "The 101's Upgrade field is websocket.")
  /// §4.2.2 item 5.3.
  public static let responseWithoutConnection = Rule(
    "response_without_connection_upgrade", .violation, "RFC 6455 §4.2.2",
    "The 101's Connection field lists Upgrade.")
  /// §4.2.2 item 5.4.
  public static let missingAccept = Rule(
    "missing_accept", .violation, "RFC 6455 §4.2.2", "The 101 has a Sec-WebSocket-Accept field.")
  /// §4.2.2 item 5.4.
  public static let wrongAccept = Rule(
    "wrong_accept", .violation, "RFC 6455 §4.2.2",
    "Sec-WebSocket-Accept is base64(SHA-1(Sec-WebSocket-Key + GUID)).")
  /// §4.2.2 item 5.5; §4.1: the client must fail the connection.
  public static let subprotocolNotOffered = Rule(
    "subprotocol_not_offered", .violation, "RFC 6455 §4.2.2", "The selected subprotocol was offered.")
  /// §4.2.2 item 5.5: the server selects one value.
  public static let severalSubprotocols = Rule(
    "several_subprotocols", .violation, "RFC 6455 §4.2.2", "The server selects one subprotocol.")
  /// §4.2.2 item 4. It is legal, but browsers fail the connection.
  public static let noSubprotocolSelected = Rule(
    "no_subprotocol_selected", .note, "RFC 6455 §4.2.2",
    "Of the subprotocols offered one is selected; a server may select none, and some clients then refuse.")
  /// §4.2.2 item 5.6; §4.1: the client must fail the connection.
  public static let extensionNotOffered = Rule(
    "extension_not_offered", .violation, "RFC 6455 §4.2.2", "The selected extensions were offered.")
  /// §11.3.5.
  public static let versionIn101 = Rule(
    "version_in_101", .note, "RFC 6455 §11.3.5",
    "A response has Sec-WebSocket-Version only when the client's version was not accepted.")
  /// §4.2.2 item 4 (version), §4.4.
  public static let upgradeRequiredWithoutVersion = Rule(
    "upgrade_required_without_version", .note, "RFC 6455 §4.4",
    "A server that answers 426 lists its versions in Sec-WebSocket-Version.")
  /// RFC 9110 §8.6, RFC 9112 §6.1.
  public static let bodyFieldsIn101 = Rule(
    "body_fields_in_101", .violation, "RFC 9110 §8.6",
    "A 101 has neither Content-Length nor Transfer-Encoding.")

  /// Every rule above, for documentation and tests.
  public static let all: [Rule] = [
    methodNotGet, requestHTTPVersion, invalidTarget, missingHost, requestWithoutUpgrade,
    requestWithoutConnection, missingKey, invalidKey, missingVersion, unknownVersion, draftVersion,
    draftHixie76, draftHixie75, invalidSubprotocol, repeatedSubprotocol, dataBeforeResponse, duplicatedField,
    malformedExtensions, misplacedField, unanswered, requestNotCaptured, rejected, responseHTTPVersion,
    responseWithoutUpgrade, responseWithoutConnection, missingAccept, wrongAccept, subprotocolNotOffered,
    severalSubprotocols, noSubprotocolSelected, extensionNotOffered, versionIn101,
    upgradeRequiredWithoutVersion, bodyFieldsIn101,
  ]
}
