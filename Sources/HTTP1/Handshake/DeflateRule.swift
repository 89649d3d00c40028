import WireBytes

/// The rules of permessage-deflate for an offer and its acceptance, RFC 7692 §7.1.
public enum DeflateRule {
  /// §7.1.
  public static let unknownParameter = Rule(
    "deflate_unknown_parameter", .violation, "RFC 7692 §7.1",
    "An element has an undefined parameter; it MUST be declined when offered, and the connection MUST fail when it was accepted."
  )
  /// §7.1.
  public static let repeatedParameter = Rule(
    "deflate_repeated_parameter", .violation, "RFC 7692 §7.1",
    "An element has the same parameter more than once.")
  /// §7.1.1, §7.1.2.
  public static let invalidValue = Rule(
    "deflate_invalid_value", .violation, "RFC 7692 §7.1",
    "A window size is not a number from 8 to 15 without a leading zero, or a no_context_takeover parameter has a value."
  )
  /// §7.1.2.2.
  public static let notOffered = Rule(
    "deflate_parameter_not_offered", .violation, "RFC 7692 §7.1.2.2",
    "The response has client_max_window_bits, which the offer did not have.")
  /// §7.1.1.1, §7.1.2.1.
  public static let offerNotHonoured = Rule(
    "deflate_offer_not_honoured", .violation, "RFC 7692 §7.1",
    "The server accepted an offer but exceeds the limits that the offer sets.")
  /// §7.1.
  public static let invalidOfferAccepted = Rule(
    "deflate_invalid_offer_accepted", .violation, "RFC 7692 §7.1",
    "The server accepted an offer that has an unknown, repeated or invalid parameter.")
  /// §6.
  public static let selectedTwice = Rule(
    "deflate_selected_twice", .violation, "RFC 7692 §6",
    "The server accepted two extensions that both use RSV1.")
  /// The extension that browsers used before 2013.
  public static let perFrame = Rule(
    "deflate_frame", .note, "draft-tyoshino-hybi-websocket-perframe-deflate",
    "The server selected deflate-frame, the predecessor of permessage-deflate, which compresses each frame separately."
  )

  /// Every rule above, for documentation and tests.
  public static let all: [Rule] = [
    unknownParameter, repeatedParameter, invalidValue, notOffered, offerNotHonoured, invalidOfferAccepted,
    selectedTwice, perFrame,
  ]
}
