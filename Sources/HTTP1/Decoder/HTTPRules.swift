import WireBytes

/// The rules of HTTP/1.x for heads and bodies (RFC 9112) that finding the end of a message depends on.
public enum HTTPRule {
  /// A head that is longer than an observer will collect.
  public static let headTooLarge = Rule(
    "http_head_too_large", .warning, "RFC 9112 §5.4", "A head stays within what a reader will hold.")
  /// Lines that end with LF alone.
  public static let bareLineFeed = Rule(
    "http_bare_lf", .note, "RFC 9112 §2.2", "A line ends with CR LF; a recipient may accept LF alone.")
  /// A field value continued on the next line.
  public static let foldedField = Rule(
    "http_folded_field", .note, "RFC 9112 §5.2", "A sender must not fold a field over several lines.")
  /// A line of a head that is not `name: value`.
  public static let fieldSyntax = Rule(
    "http_field_syntax", .warning, "RFC 9112 §5.1",
    "A field line is a name, a colon without space before it, and a value.")
  /// A message that does not begin with a start line.
  public static let startLine = Rule(
    "http_start_line", .violation, "RFC 9112 §2.1", "A message begins with a request line or a status line.")
  /// A length that is not a number.
  public static let contentLength = Rule(
    "http_content_length", .violation, "RFC 9112 §6.3", "Content-Length is a decimal number of bytes.")
  /// Lengths that contradict each other.
  public static let conflictingLengths = Rule(
    "http_conflicting_lengths", .violation, "RFC 9112 §6.3", "A message states one length.")
  /// Two contradictory ways to state where the body ends.
  public static let lengthAndCoding = Rule(
    "http_length_and_coding", .warning, "RFC 9112 §6.1",
    "A message with Transfer-Encoding has no Content-Length; the coding wins.")
  /// A request whose end cannot be determined.
  public static let transferCoding = Rule(
    "http_transfer_coding", .violation, "RFC 9112 §6.3",
    "A request with Transfer-Encoding has chunked as its last coding.")
  /// A chunk that does not follow the grammar.
  public static let chunkSyntax = Rule(
    "http_chunk_syntax", .violation, "RFC 9112 §7.1",
    "A chunk is its size in hexadecimal, a line end, the data and a line end.")
  /// A head that ends before its empty line.
  public static let headUnfinished = Rule(
    "http_head_unfinished", .note, "RFC 9112 §2.1", "A head ends with an empty line.")
  /// A response (or a request) that did not come while bytes of the other side were waiting for it.
  public static let heldTooLong = Rule(
    "http_held_too_long", .note, "",
    "Bytes that wait for the other side's head fit into what the observer holds for them.")

  /// Every rule above, for documentation and tests.
  public static let all: [Rule] = [
    headTooLarge, bareLineFeed, foldedField, fieldSyntax, startLine, contentLength, conflictingLengths,
    lengthAndCoding, transferCoding, chunkSyntax, headUnfinished, heldTooLong,
  ]
}
