import WireBytes

/// The rules of the opening handshake for both sides, RFC 6455 §4.
public enum HandshakeRule {
  // MARK: The request, §4.1 (what the client sends) and §4.2.1 (what the server reads)

  /// §4.1 item 2.
  public static let methodNotGet = Rule(
    "method_not_get", .violation, "RFC 6455 §4.1", "The request's method is not GET.")
  /// §4.1 item 2.
  public static let requestHTTPVersion = Rule(
    "request_http_version", .violation, "RFC 6455 §4.1", "The request's HTTP version is below 1.1.")
  /// §4.1 item 3; fragments §3.
  public static let invalidTarget = Rule(
    "invalid_request_target", .violation, "RFC 6455 §4.1",
    "The request target is neither a path nor an absolute http(s) URI, or it contains a fragment.")
  /// §4.1 item 4.
  public static let missingHost = Rule(
    "missing_host", .violation, "RFC 6455 §4.1", "The request has no Host field.")
  /// §4.1 item 5.
  public static let requestWithoutUpgrade = Rule(
    "request_without_upgrade", .violation, "RFC 6455 §4.1",
    "The request's Upgrade field is missing or does not list websocket.")
  /// §4.1 item 6.
  public static let requestWithoutConnection = Rule(
    "request_without_connection_upgrade", .violation, "RFC 6455 §4.1",
    "The request's Connection field is missing or does not list Upgrade.")
  /// §4.1 item 7.
  public static let missingKey = Rule(
    "missing_key", .violation, "RFC 6455 §4.1", "The request has no Sec-WebSocket-Key field.")
  /// §4.1 item 7.
  public static let invalidKey = Rule(
    "invalid_key", .violation, "RFC 6455 §4.1", "Sec-WebSocket-Key is not the base64 form of 16 bytes.")
  /// §4.1 item 9.
  public static let missingVersion = Rule(
    "missing_version", .violation, "RFC 6455 §4.1", "The request has no Sec-WebSocket-Version field.")
  /// §4.1 item 9.
  public static let unknownVersion = Rule(
    "unknown_version", .violation, "RFC 6455 §4.1",
    "Sec-WebSocket-Version is neither 13 nor the version of a draft.")
  /// A version that the IANA registry assigns to a draft.
  public static let draftVersion = Rule(
    "draft_version", .warning, "RFC 6455 §11.6",
    "Sec-WebSocket-Version is that of a draft that preceded version 13.")
  /// Sec-WebSocket-Key1 and -Key2.
  public static let draftHixie76 = Rule(
    "draft_hixie_76", .warning, "draft-ietf-hybi-thewebsocketprotocol-00",
    "The handshake is that of the draft hixie-76, whose frames differ from those of RFC 6455.")
  /// No key at all, WebSocket-Origin in the answer.
  public static let draftHixie75 = Rule(
    "draft_hixie_75", .warning, "draft-hixie-thewebsocketprotocol-75",
    "The handshake is that of the draft hixie-75, whose frames differ from those of RFC 6455.")
  /// §4.1 item 10.
  public static let invalidSubprotocol = Rule(
    "invalid_subprotocol", .violation, "RFC 6455 §4.1", "The name of an offered subprotocol is not a token.")
  /// §4.1 item 10.
  public static let repeatedSubprotocol = Rule(
    "repeated_subprotocol", .violation, "RFC 6455 §4.1", "A subprotocol is offered more than once.")
  /// §4.1, after the list.
  public static let dataBeforeResponse = Rule(
    "data_before_response", .warning, "RFC 6455 §4.1",
    "The client sent data before the server's response.")

  // MARK: Both heads

  /// §11.3.1 to §11.3.5; Host RFC 9112 §3.2, Origin RFC 6454 §7.3.
  public static let duplicatedField = Rule(
    "duplicated_field", .violation, "RFC 6455 §11.3",
    "A field that may appear only once appears more than once.")
  /// §9.1.
  public static let malformedExtensions = Rule(
    "malformed_extensions", .violation, "RFC 6455 §9.1",
    "Sec-WebSocket-Extensions does not follow its grammar.")
  /// §11.3.1, §11.3.3.
  public static let misplacedField = Rule(
    "misplaced_field", .note, "RFC 6455 §11.3",
    "A request has Sec-WebSocket-Accept, or a response has Sec-WebSocket-Key.")

  // MARK: The response, §4.2.2 (what the server sends) and §4.1 (what the client must refuse)

  /// No response was seen.
  public static let unanswered = Rule(
    "handshake_unanswered", .note, "RFC 6455 §4.2.2",
    "No response to the request was captured, or only its first bytes.")
  /// A 101 without its request: the capture begins, or has a gap, between them, or the request could not be read.
  public static let requestNotCaptured = Rule(
    "request_not_captured", .note, "",
    "The request that a 101 answers was not captured, or could not be read.")
  /// §4.2.2 item 5.1.
  public static let rejected = Rule(
    "handshake_rejected", .note, "RFC 6455 §4.2.2", "The server answered with a status other than 101.")
  /// §4.2.2 item 5.1; RFC 9110 §7.8: HTTP/1.0 has no Upgrade.
  public static let responseHTTPVersion = Rule(
    "response_http_version", .violation, "RFC 6455 §4.2.2",
    "The 101 is an HTTP/1.0 response; Upgrade exists from HTTP/1.1 on.")
  /// §4.2.2 item 5.2.
  public static let responseWithoutUpgrade = Rule(
    "response_without_upgrade", .violation, "RFC 6455 §4.2.2",
    "The 101's Upgrade field is missing or is not websocket.")
  /// §4.2.2 item 5.3.
  public static let responseWithoutConnection = Rule(
    "response_without_connection_upgrade", .violation, "RFC 6455 §4.2.2",
    "The 101's Connection field is missing or does not list Upgrade.")
  /// §4.2.2 item 5.4.
  public static let missingAccept = Rule(
    "missing_accept", .violation, "RFC 6455 §4.2.2", "The 101 has no Sec-WebSocket-Accept field.")
  /// §4.2.2 item 5.4.
  public static let wrongAccept = Rule(
    "wrong_accept", .violation, "RFC 6455 §4.2.2",
    "Sec-WebSocket-Accept is not base64(SHA-1(Sec-WebSocket-Key + GUID)).")
  /// §4.2.2 item 5.5; §4.1: the client must fail the connection.
  public static let subprotocolNotOffered = Rule(
    "subprotocol_not_offered", .violation, "RFC 6455 §4.2.2",
    "The server selected a subprotocol that the client had not offered.")
  /// §4.2.2 item 5.5: the server selects one value.
  public static let severalSubprotocols = Rule(
    "several_subprotocols", .violation, "RFC 6455 §4.2.2", "The server selected more than one subprotocol.")
  /// §4.2.2 item 4. It is legal, but browsers fail the connection.
  public static let noSubprotocolSelected = Rule(
    "no_subprotocol_selected", .note, "RFC 6455 §4.2.2",
    "The client offered subprotocols and the server selected none; this is legal, but some clients then refuse."
  )
  /// §4.2.2 item 5.6; §4.1: the client must fail the connection.
  public static let extensionNotOffered = Rule(
    "extension_not_offered", .violation, "RFC 6455 §4.2.2",
    "The server selected an extension that the client had not offered.")
  /// §11.3.5.
  public static let versionIn101 = Rule(
    "version_in_101", .note, "RFC 6455 §11.3.5",
    "The 101 has a Sec-WebSocket-Version field, which belongs in a response that refuses the client's version."
  )
  /// §4.2.2 item 4 (version), §4.4.
  public static let upgradeRequiredWithoutVersion = Rule(
    "upgrade_required_without_version", .note, "RFC 6455 §4.4",
    "A 426 response does not list the server's versions in Sec-WebSocket-Version.")
  /// RFC 9110 §8.6 for Content-Length, RFC 9112 §6.1 for Transfer-Encoding.
  public static let bodyFieldsIn101 = Rule(
    "body_fields_in_101", .violation, "RFC 9110 §8.6, RFC 9112 §6.1",
    "The 101 has a Content-Length or Transfer-Encoding field, which it must not have.")

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
