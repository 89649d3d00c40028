import WireBytes

/// Identifies a Sec-WebSocket-Key, whatever its value and length: 96 bits of the SHA-1 that answers it.
package struct KeyIdentity: Hashable, Sendable {
  private let first: UInt64
  private let second: UInt64

  init(_ digest: Base64Digest) {
    first = digest.characters.span.load(at: 0, as: UInt64.self)
    second = digest.characters.span.load(at: 8, as: UInt64.self)
  }
}
