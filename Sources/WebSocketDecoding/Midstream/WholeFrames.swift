import WireBytes

/// Tells whether the bytes of a packet are frames of RFC 6455 from the first to the last byte.
///
/// It is asked where a handshake names a draft whose frames differ: programs with such a number exist that send today's frames.
package enum WholeFrames {
  /// Bits from which frames are believed. A short text that fills its packet has as many. The text (opcode 4) and binary frames (5)
  /// of a draft are not plausible under RFC 6455, and what its client sends begins with a random key.
  private static let requiredBits = 10.5
  /// Frames that are looked at: more say nothing new.
  private static let framesLimit = 8

  /// Whether `bytes` begin with a message or control frame that `side` may send, and frames follow each other to the end, or further
  /// than these bytes.
  package static func fill(_ bytes: Span<UInt8>, from side: Side) -> Bool {
    // Programs that name a draft may not mask: then the mask bit proves nothing.
    let evidence = FrameEvidence(side: side, allowsCompression: false, keepsMaskRule: side == .server)
    var (place, bits, frames) = (0, side == .server ? 0.0 : -1, 0)
    while place < bytes.count, frames < framesLimit {
      let rest = bytes.dropping(place)
      guard let header = FrameHeader(parsing: rest), evidence.isPlausible(header) else { return false }
      // No stream begins with the rest of a message.
      if frames == 0, header.opcode == .continuation { return false }
      let payload = rest.dropping(Int(header.headerBytes))
      let sample = payload.extracting(0..<min(evidence.sampleSize(of: header), payload.count))
      guard let more = evidence.bits(for: header, sample: sample) else { return false }
      bits += evidence.bits(for: header, isLikely: false) + more
      frames += 1
      let isWhole = header.payloadBytes <= UInt64(payload.count)
      guard isWhole else { break }
      place += Int(header.headerBytes) + Int(header.payloadBytes)
      if place == bytes.count { bits += evidence.bitsForFilling(header) }
    }
    return bits >= requiredBits
  }
}
