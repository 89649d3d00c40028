import WireBytes

/// What only both sides of a session together show.
public enum SessionRule {
  /// §5.5.1.
  public static let closeNotAnswered = Rule(
    "close_not_answered", .violation, "RFC 6455 §5.5.1",
    "A side received a Close frame and did not answer with one.")
  /// §5.5.2.
  public static let pingNotAnswered = Rule(
    "ping_not_answered", .violation, "RFC 6455 §5.5.2",
    "A side received a Ping and went on sending without answering with a Pong.")
  /// §5.5.3.
  public static let unsolicitedPong = Rule(
    "unsolicited_pong", .note, "RFC 6455 §5.5.3",
    "A Pong answers no Ping; as a heartbeat in one direction this is legal.")

  /// §5.5.3.
  public static let pongPayloadDiffers = Rule(
    "pong_payload_differs", .violation, "RFC 6455 §5.5.3",
    "A Pong came while a Ping was open, and does not have its payload.")

  /// §4.1, item 7.
  public static let repeatedKey = Rule(
    "repeated_key", .violation, "RFC 6455 §4.1",
    "The Sec-WebSocket-Key is that of an earlier connection; it MUST be selected randomly for each.")

  /// A session without a captured handshake.
  public static let pickedUp = Rule(
    "picked_up", .note, "",
    "The handshake, or the response to it, was not captured; the session was recognised by its frames.")

  /// §11.6: a number of a draft, and today's frames.
  public static let framesOfRFC6455 = Rule(
    "frames_of_rfc6455", .note, "RFC 6455 §11.6",
    "The handshake is that of a draft whose frames differ, but the frames are those of RFC 6455 and are read as such."
  )

  /// §10.2: a server that does not look at Origin can be used by any page that a user visits.
  public static let foreignOrigin = Rule(
    "foreign_origin", .note, "RFC 6455 §10.2",
    "The request's Origin names another host than its Host field; a server that does not check this is open to cross-site hijacking."
  )
  /// §10.6.
  public static let credentialsInClear = Rule(
    "credentials_in_clear", .note, "RFC 6455 §10.6",
    "Cookies, credentials or tokens were sent over ws://, where everybody on the way can read them.")

  /// §7.2.3.
  public static let reconnectStorm = Rule(
    "reconnect_storm", .warning, "RFC 6455 §7.2.3",
    "A client whose connection was lost reconnected five times or more within 10 s; it should wait longer each time."
  )

  /// What only the two legs of a session around a proxy together show.
  public static let legsDiffer = Rule(
    "legs_differ", .warning, "",
    "A message is on one leg around a proxy only: the proxy dropped, invented or changed it.")

  /// RFC 9110 §7.8: Upgrade and Connection concern one connection only, so a proxy has to be told to pass them on.
  public static let proxyDroppedUpgrade = Rule(
    "proxy_dropped_upgrade", .warning, "RFC 9110 §7.8",
    "A proxy passed on a request for an upgrade without what asks for it: Upgrade, Connection, the key or HTTP/1.1."
  )

  /// A capture of several interfaces.
  public static let addressTranslated = Rule(
    "address_translated", .note, "",
    "The TCP connection was captured twice, before and after address translation; its session is shown once.")

  /// A capture of several interfaces.
  public static let notForwarded = Rule(
    "not_forwarded", .warning, "",
    "Bytes or the end of a TCP connection that was captured before and after address translation are on one side only."
  )

  /// All of them, for tables.
  public static let all = [
    closeNotAnswered, pingNotAnswered, unsolicitedPong, pongPayloadDiffers, repeatedKey, pickedUp,
    framesOfRFC6455, foreignOrigin, credentialsInClear, reconnectStorm, legsDiffer, proxyDroppedUpgrade,
    addressTranslated, notForwarded,
  ]
}
