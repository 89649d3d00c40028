import WireBytes

/// The rules of HTTP/1.x for heads and bodies (RFC 9112) that finding the end of a message depends on.
public enum HTTPRule {
  /// A head that is longer than an observer will collect.
  public static let headTooLarge = Rule(
    "http_head_too_large", .warning, "RFC 9112 §5.4", "A head is larger than wstap holds.")
  /// Lines that end with LF alone.
  public static let bareLineFeed = Rule(
    "http_bare_lf", .note, "RFC 9112 §2.2",
    "A line ends with LF alone instead of CR LF, which a recipient may accept.")
  /// Lines that end with CR alone.
  public static let bareCarriageReturn = Rule(
    "http_bare_cr", .warning, "RFC 9112 §2.2", "The lines of a head end with CR alone instead of CR LF.")
  /// A field value continued on the next line.
  public static let foldedField = Rule(
    "http_folded_field", .note, "RFC 9112 §5.2",
    "A field is folded over several lines, which senders must not do.")
  /// A line of a head that is not `name: value`.
  public static let fieldSyntax = Rule(
    "http_field_syntax", .warning, "RFC 9112 §5.1",
    "A field line is not a name, a colon with no space before it, and a value.")
  /// A message that does not begin with a start line.
  public static let startLine = Rule(
    "http_start_line", .violation, "RFC 9112 §2.1",
    "A message begins with neither a request line nor a status line.")
  /// A length that is not a number.
  public static let contentLength = Rule(
    "http_content_length", .violation, "RFC 9112 §6.3", "Content-Length is not a decimal number of bytes.")
  /// Lengths that contradict each other.
  public static let conflictingLengths = Rule(
    "http_conflicting_lengths", .violation, "RFC 9112 §6.3", "A message states several different lengths.")
  /// Two contradictory ways to state where the body ends.
  public static let lengthAndCoding = Rule(
    "http_length_and_coding", .warning, "RFC 9112 §6.1",
    "A message has both Transfer-Encoding and Content-Length; the coding takes precedence.")
  /// A request whose end cannot be determined.
  public static let transferCoding = Rule(
    "http_transfer_coding", .violation, "RFC 9112 §6.3",
    "A request has Transfer-Encoding, but its last coding is not chunked.")
  /// A chunk that does not follow the grammar.
  public static let chunkSyntax = Rule(
    "http_chunk_syntax", .violation, "RFC 9112 §7.1",
    "A chunk is not a hexadecimal size, a line end, the data and a line end.")
  /// A head that ends before its empty line.
  public static let headUnfinished = Rule(
    "http_head_unfinished", .note, "RFC 9112 §2.1", "A head ends before its empty line was captured.")
  /// A response (or a request) that did not come while bytes of the other side were waiting for it.
  public static let heldTooLong = Rule(
    "http_held_too_long", .note, "",
    "More bytes waited for the other side's head than wstap holds.")

  /// Every rule above, for documentation and tests.
  public static let all: [Rule] = [
    headTooLarge, bareLineFeed, bareCarriageReturn, foldedField, fieldSyntax, startLine, contentLength,
    conflictingLengths,
    lengthAndCoding, transferCoding, chunkSyntax, headUnfinished, heldTooLong,
  ]
}
