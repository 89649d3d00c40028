import WireBytes

/// What only both sides of a session together show.
public enum SessionRule {
  /// §5.5.1.
  public static let closeNotAnswered = Rule(
    "close_not_answered", .violation, "RFC 6455 §5.5.1",
    "A side that receives a Close frame and has not sent one MUST send one.")
  /// §5.5.2.
  public static let pingNotAnswered = Rule(
    "ping_not_answered", .violation, "RFC 6455 §5.5.2",
    "A side that receives a Ping frame MUST answer the latest one with a Pong, unless it received a Close.")
  /// §5.5.3.
  public static let unsolicitedPong = Rule(
    "unsolicited_pong", .note, "RFC 6455 §5.5.3",
    "A Pong answers a Ping; one that nobody asked for is a heartbeat in one direction, and legal.")

  /// §4.1, item 7.
  public static let repeatedKey = Rule(
    "repeated_key", .violation, "RFC 6455 §4.1",
    "The Sec-WebSocket-Key of each connection MUST be selected randomly.")

  /// A session without a captured handshake.
  public static let pickedUp = Rule(
    "picked_up", .note, "",
    "The handshake, or its answer, was not captured: that these are frames is inferred from the bytes.")

  /// §10.2: a server that does not look at Origin can be used by any page that a user visits.
  public static let foreignOrigin = Rule(
    "foreign_origin", .note, "RFC 6455 §10.2",
    "A page connects to its own host; a server checks the Origin of others (cross-site hijacking).")
  /// §10.6.
  public static let credentialsInClear = Rule(
    "credentials_in_clear", .note, "RFC 6455 §10.6",
    "Cookies, credentials and tokens travel over wss://, where nobody on the way can read them.")

  /// §7.2.3.
  public static let reconnectStorm = Rule(
    "reconnect_storm", .warning, "RFC 6455 §7.2.3",
    "A client whose connection was lost waits before it comes back, longer each time.")

  /// What only the two legs of a session around a proxy together show.
  public static let legsDiffer = Rule(
    "legs_differ", .warning, "",
    "A proxy passes every message on as it is; one that only one leg has was dropped, made up or changed in it."
  )

  /// All of them, for tables.
  public static let all = [
    closeNotAnswered, pingNotAnswered, unsolicitedPong, repeatedKey, pickedUp, foreignOrigin,
    credentialsInClear, reconnectStorm, legsDiffer,
  ]
}
