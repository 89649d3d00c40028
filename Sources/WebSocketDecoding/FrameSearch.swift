import WireBytes

/// Looks for the place where frames begin again after bytes were lost over a frame header, or in a stream
/// that was picked up in the middle.
///
/// Every offset whose bytes could be a frame header starts a candidate chain; the header's length says where
/// the next header must be. What a chain shows is counted in bits: n bits means that random bytes look like
/// this once in 2ⁿ times. A chain is believed once its evidence outweighs the number of places tried by
/// `requiredBits`. Nothing is believed for want of something better.
final class FrameSearch {
  /// Bytes received and not given up, from the first place that could still be a frame.
  private(set) var held = PayloadBuffer()
  private let side: Side
  private let allowsCompression: Bool
  private var segments: [(start: Int, position: StreamPosition)] = []
  private var candidates: [Candidate] = []
  /// The first offset not yet tried as the start of a chain.
  private var untried = 0
  private var droppedBytes = 0

  private struct Candidate {
    var start: Int
    /// Where the next header must be.
    var next: Int
    var headers: Int
    var bits: Double
  }

  static let requiredBits = 16.0
  static let heldLimit = 256 << 10
  private static let candidateLimit = 256

  init(side: Side, allowsCompression: Bool) {
    self.side = side
    self.allowsCompression = allowsCompression
  }

  /// Bytes that belong to no frame so far.
  var bytes: Int { held.count }

  func receive(_ bytes: Span<UInt8>, at position: StreamPosition) {
    segments.append((held.count, position))
    held.append(bytes)
    extendChains()
    tryNewStarts()
  }

  /// A further hole: no chain reaches across it.
  func skip(_ lost: UInt64) {
    droppedBytes += held.count
    held.clear(keeping: 4096)
    segments.removeAll()
    candidates.removeAll()
    untried = 0
  }

  /// Gives up bytes that are over the limit; returns how many were given up since the last call.
  func dropExcess() -> Int {
    if held.count > Self.heldLimit { skip(0) }
    defer { droppedBytes = 0 }
    return droppedBytes
  }

  /// The chain to believe, if there is one.
  var found: (passedOver: Int, reason: String)? {
    guard let best = candidates.max(by: { evidence(of: $0) < evidence(of: $1) }),
      evidence(of: best) >= Self.requiredBits
    else { return nil }
    let frames = best.headers == 1 ? "1 frame header" : "\(best.headers) frame headers in a row"
    return (best.start, "\(frames) (random bytes look like this once in 2^\(Int(best.bits)))")
  }

  func position(at offset: Int) -> StreamPosition {
    guard let segment = segments.last(where: { $0.start <= offset }) else {
      return StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
    }
    return segment.position.advanced(by: offset - segment.start)
  }

  /// The held bytes from `offset` on, cut as they came in.
  func pieces(from offset: Int) -> [(range: Range<Int>, position: StreamPosition)] {
    segments.indices.compactMap { index in
      let end = index + 1 < segments.count ? segments[index + 1].start : held.count
      let start = max(segments[index].start, offset)
      return start < end ? (start..<end, position(at: start)) : nil
    }
  }

  /// Ends the search: the held bytes go to the caller.
  func takeHeld() -> PayloadBuffer {
    var taken = PayloadBuffer()
    swap(&taken, &held)
    return taken
  }

  // MARK: Chains

  private func tryNewStarts() {
    while untried < held.count {
      guard let header = FrameHeader(parsing: held.bytes.dropping(untried)) else {
        // The header may be cut by the end of what is here; try again with more.
        if held.count - untried >= FrameHeader.maximumBytes { untried += 1 } else { return }
        continue
      }
      if let bits = plausibility(of: header) {
        var candidate = Candidate(
          start: untried, next: end(of: header, at: untried), headers: 1, bits: bits)
        if confirmPayload(header, at: untried, &candidate), extend(&candidate) { keep(candidate) }
      }
      untried += 1
    }
  }

  private func extendChains() {
    candidates = candidates.compactMap { old in
      var candidate = old
      return extend(&candidate) ? candidate : nil
    }
  }

  /// Follows a chain as far as the bytes go. False when it ends at what is no header.
  private func extend(_ candidate: inout Candidate) -> Bool {
    while candidate.next < held.count {
      guard let header = FrameHeader(parsing: held.bytes.dropping(candidate.next)) else { return true }
      guard let bits = plausibility(of: header) else { return false }
      candidate.bits += bits
      candidate.headers += 1
      let start = candidate.next
      candidate.next = end(of: header, at: start)
      guard confirmPayload(header, at: start, &candidate) else { return false }
    }
    return true
  }

  private func keep(_ candidate: Candidate) {
    if candidates.count == Self.candidateLimit,
      let weakest = candidates.indices.min(by: { evidence(of: candidates[$0]) < evidence(of: candidates[$1]) }
      )
    {
      candidates.remove(at: weakest)
    }
    candidates.append(candidate)
  }

  private func end(of header: FrameHeader, at start: Int) -> Int {
    let length = UInt64(start) + UInt64(header.headerBytes)
    return Int(clamping: length.addingReportingOverflow(header.payloadBytes).partialValue)
  }

  // MARK: Evidence

  /// The chain's bits, less those that the number of places tried costs. Senders mostly begin a frame with a
  /// segment, so such a start costs nothing.
  private func evidence(of candidate: Candidate) -> Double {
    startsSegment(candidate.start) ? candidate.bits : candidate.bits - log2(Double(candidate.start + 2))
  }

  /// How many bits speak for a header, or nil when no honest sender writes it here.
  private func plausibility(of header: FrameHeader) -> Double? {
    guard header.masked == (side == .client), Opcode.isKnown(header.opcode) else { return nil }
    guard !header.rsv2, !header.rsv3, !header.lengthIsNotMinimal else { return nil }
    guard header.payloadBytes < 1 << 40 else { return nil }
    if header.rsv1 {
      guard allowsCompression, header.opcode == Opcode.text || header.opcode == Opcode.binary else {
        return nil
      }
    }
    if header.isControl {
      guard header.fin, header.payloadBytes <= 125 else { return nil }
      if header.opcode == Opcode.close && header.payloadBytes == 1 { return nil }
    }
    // Zeros would be an endless chain of empty fragments.
    if !header.fin && header.payloadBytes == 0 { return nil }
    // Of 256 first bytes 9 to 13 are in use; of two mask bits one.
    let base = (allowsCompression ? 4.3 : 4.8) + 1
    switch header.headerBytes - (header.masked ? 4 : 0) {
    case 4: return base + 7
    case 10: return base + 7 + 24
    default: return base
    }
  }

  /// Looks at the payload, where it is all there: text must be UTF-8, and readable text is rarely chance.
  private func confirmPayload(_ header: FrameHeader, at start: Int, _ candidate: inout Candidate) -> Bool {
    if candidate.next <= held.count && endsSegment(candidate.next) { candidate.bits += 5 }
    guard header.opcode == Opcode.text, !header.rsv1 else { return true }
    let from = start + Int(header.headerBytes)
    let to = min(candidate.next, held.count, from + 256)
    guard from < to else { return true }
    var readable = 0
    var utf8 = UTF8Validator()
    for index in from..<to {
      let key = header.maskingKeyByte(at: index - from)
      let byte: InlineArray<1, UInt8> = [held.bytes[index] ^ key]
      utf8.receive(byte.span)
      if byte[0] >= 0x20 && byte[0] < 0x7F { readable += 1 }
    }
    guard !utf8.foundInvalid else { return false }
    // A random byte is printable ASCII with odds of 95 in 256: 1.4 bits. In an unmasked stream a text is made
    // of text anyway, so that it proves little.
    candidate.bits += min(Double(readable) * (header.masked ? 1.4 : 0.1), header.masked ? 40 : 6)
    return true
  }

  private func startsSegment(_ offset: Int) -> Bool { segments.contains { $0.start == offset } }

  private func endsSegment(_ offset: Int) -> Bool { offset == held.count || startsSegment(offset) }
}

/// The binary logarithm, exact to a bit or so: it weighs evidence, nothing more.
private func log2(_ value: Double) -> Double {
  Double(value.exponent) + value.significand - 1
}
