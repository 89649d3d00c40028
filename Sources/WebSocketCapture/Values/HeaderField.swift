internal import HTTP1
internal import Sessions

/// A field of an HTTP head.
public struct HeaderField: Sendable, Hashable {
  /// The field's name in the letter case in which it was sent.
  public let name: String
  /// Its value, with secrets redacted unless they were asked for; the lines of a folded one are joined with one space.
  public let value: String
}

extension [HeaderField] {
  /// The fields of a head, as the event may show them.
  init(_ head: HTTPHead, in event: SessionOpen) {
    self = head.headers.map { HeaderField(name: $0.name, value: event.shown(header: $0.name, $0.value)) }
  }
}
