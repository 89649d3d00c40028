import WireBytes

/// Names of JSON members whose values are not to be shown in payloads (`--redact-payloads`).
///
/// Letter case and what is between words make no difference: `access_token`, `access-token`, `accessToken` and `ACCESSTOKEN` are
/// one name. Escapes as in `\u0070assword` are decoded, however often they were escaped themselves.
public struct MemberNames: Sendable, Hashable {
  /// Their letters and digits in lower case.
  private let keys: Set<[UInt8]>
  /// Bytes of the longest key: what is longer is no such name.
  private let longest: Int

  /// Nil if one of them has neither letters nor digits, or if there are none.
  public init?(_ names: [String]) {
    let keys = names.map { name in
      let bytes = Array(name.utf8)
      return Self.key(of: bytes.span, atMost: .max) ?? []
    }
    guard !keys.isEmpty, !keys.contains([]) else { return nil }
    self.keys = Set(keys)
    longest = keys.lazy.map(\.count).max() ?? 0
  }

  /// Whether it is one of these, as it was sent, without its quotes.
  func contains(_ name: Span<UInt8>) -> Bool {
    // A letter that is not ASCII may have another length in lower case.
    guard let key = Self.key(of: name, atMost: longest * 3) else { return false }
    return keys.contains(key)
  }

  /// The letters and digits in lower case; nil if they are more than `most` bytes.
  private static func key(of name: Span<UInt8>, atMost most: Int) -> [UInt8]? {
    var (key, place, isASCII) = ([UInt8](), 0, true)
    while place < name.count {
      let piece = JSONPiece(in: name, at: place)
      place = piece.end
      guard let scalar = piece.scalar else { continue }
      switch scalar {
      case 0x30...0x39, 0x61...0x7A: key.append(UInt8(scalar))
      case 0x41...0x5A: key.append(UInt8(scalar) | 0x20)
      case 0x80...:
        isASCII = false
        if !piece.isEscape {
          key.append(UInt8(truncatingIfNeeded: scalar))
        } else if let character = Unicode.Scalar(scalar) {
          key += Array(String(character).utf8)
        }
      default: break
      }
      if key.count > most { return nil }
    }
    if isASCII { return key }
    return Array(String(decoding: key, as: UTF8.self).lowercased().utf8)
  }
}
