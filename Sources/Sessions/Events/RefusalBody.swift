import HTTP1
import WireBytes

/// The body of the response that refused an upgrade: often the only place where the reason is given.
public struct RefusalBody: Sendable {
  /// Its start as text that may be shown; nil if it is not text, as when it is compressed.
  public let text: String?
  /// Bytes of it that were captured.
  public let count: UInt64
  /// `text` is all of it.
  public let isWhole: Bool

  /// `secrets`: what is not to be shown; nil if everything is.
  init(_ body: KeptBody, hiding secrets: Secrets?) {
    count = body.count
    isWhole = UInt64(body.bytes.count) == body.count && !body.lacksBytes
    var bytes = body.bytes
    // The limit may have cut a character.
    if !isWhole {
      while let last = bytes.last, last >= 0x80, bytes.count + 4 > body.bytes.count { bytes.removeLast() }
    }
    let text = String(validating: bytes, as: UTF8.self)
    self.text = text.map { secrets?.redacted(body: $0) ?? $0 }
  }
}
