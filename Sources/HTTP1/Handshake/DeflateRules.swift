import WireBytes

/// The rules of permessage-deflate for an offer and its acceptance, RFC 7692 §7.1.
public enum DeflateRule {
  /// §7.1.
  public static let unknownParameter = Rule(
    "deflate_unknown_parameter", .violation, "RFC 7692 §7.1",
    "An element with a parameter that is not defined MUST be declined, or the connection failed.")
  /// §7.1.
  public static let repeatedParameter = Rule(
    "deflate_repeated_parameter", .violation, "RFC 7692 §7.1", "A parameter stands once in an element.")
  /// §7.1.1, §7.1.2.
  public static let invalidValue = Rule(
    "deflate_invalid_value", .violation, "RFC 7692 §7.1",
    "A window is 8 to 15 without a leading zero; the no_context_takeover parameters have no value.")
  /// §7.1.2.2.
  public static let notOffered = Rule(
    "deflate_parameter_not_offered", .violation, "RFC 7692 §7.1.2.2",
    "A response has client_max_window_bits only if the offer has it.")
  /// §7.1.1.1, §7.1.2.1.
  public static let offerNotHonoured = Rule(
    "deflate_offer_not_honoured", .violation, "RFC 7692 §7.1",
    "A server that accepts an offer keeps to the limits that the offer sets.")
  /// §7.1.
  public static let invalidOfferAccepted = Rule(
    "deflate_invalid_offer_accepted", .violation, "RFC 7692 §7.1",
    "A server declines an offer that has an unknown, repeated or invalid parameter.")
  /// §6.
  public static let selectedTwice = Rule(
    "deflate_selected_twice", .violation, "RFC 7692 §6",
    "A server MUST NOT accept two extensions that both use RSV1.")
  /// The extension that browsers used before 2013.
  public static let perFrame = Rule(
    "deflate_frame", .note, "draft-tyoshino-hybi-websocket-perframe-deflate",
    "deflate-frame is the predecessor of permessage-deflate: each frame is compressed by itself.")

  /// Every rule above, for documentation and tests.
  public static let all: [Rule] = [
    unknownParameter, repeatedParameter, invalidValue, notOffered, offerNotHonoured, invalidOfferAccepted,
    selectedTwice, perFrame,
  ]
}
