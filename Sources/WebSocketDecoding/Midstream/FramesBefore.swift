/// Frames that lead to a place at which one certainly begins.
///
/// A search believes a chain of frames late where they are short, or have random payloads, and it starts over with a frame that
/// begins a packet. The frames before that one are not lost: what leads to a certain place is hardly chance, because a length
/// has to be right, too. It is believed frame by frame, as far back as chance does not explain it.
struct FramesBefore {
  /// Where the first of them begins; the index `end` of the certain frame if none was found.
  private(set) var start: Int

  /// Of a place, what speaks for a frame there.
  private struct Step {
    /// Bits of the frames from here to the next place that is sure, and to the certain one.
    var unsure: Double
    var all: Double
    /// The next place at which a frame certainly begins: this one or a later one.
    var sure: Int
    /// Whether the next data frame from here on is a continuation; nil if no data frame follows.
    var continues: Bool?
  }

  /// Bits that a frame needs beyond those that the number of places costs.
  private static let margin = 8.0
  /// The same where a packet begins: most frames do.
  private static let marginAtPacket = 2.0
  /// What a control frame costs.
  private static let bitsOfControl = 6.0
  /// Bytes that are searched.
  private static let reach = 16 << 10

  /// Looks in `bytes` from index `first` on and before index `end`, where a frame begins, or the bytes end. `firstByte`: what the frames of
  /// the side begin with mostly, if that frame does not tell. `startsPacket` is asked about indices.
  init(
    before end: Int, from first: Int = 0, in bytes: Span<UInt8>, like firstByte: UInt8 = 0,
    _ evidence: FrameEvidence, startsPacket: (Int) -> Bool
  ) {
    start = end
    let certain = FrameHeader(parsing: bytes.dropping(end))
    let like = certain?.firstByte ?? firstByte
    let first = max(first, end - Self.reach)
    var steps = [end: Step(unsure: 0, all: 0, sure: end, continues: certain.flatMap { Self.continues($0) })]
    var most = 0.0
    var place = end - 2
    while place >= first {
      defer { place -= 1 }
      guard evidence.isPlausible(bytes[place], bytes[place + 1]),
        let header = FrameHeader(parsing: bytes.extracting(place..<end)), evidence.isPlausible(header),
        header.opcode != .close, header.payloadBytes <= UInt64(end - place)
      else { continue }
      let payload = place + Int(header.headerBytes)
      let next = payload + Int(header.payloadBytes)
      guard let following = steps[next], Self.allows(header, before: following) else { continue }
      let sample = bytes.extracting(payload..<min(payload + evidence.sampleSize(of: header), next))
      guard let payloadBits = evidence.bits(for: header, sample: sample) else { continue }
      let beginsPacket = startsPacket(place)
      // A continuation follows a frame without FIN, and only few bytes begin one.
      let isFragment = following.continues == true && !header.isControl
      var bits =
        Self.bits(of: header, like: isFragment ? header.firstByte : like, evidence) + min(payloadBits, 16)
      // A control frame that is made up does the most harm: within a packet none is believed but for the messages around it.
      if header.isControl { bits = beginsPacket ? bits - Self.bitsOfControl : 0 }
      var step = following
      step.unsure += bits
      step.all += bits
      step.continues = header.isControl ? following.continues : header.opcode == .continuation
      let needed = beginsPacket ? Self.marginAtPacket : roughLog2(step.sure - first) + Self.margin
      if step.unsure >= needed, beginsPacket || !header.isControl {
        (step.unsure, step.sure) = (0, place)
        if step.all > most { (most, start) = (step.all, place) }
      }
      steps[place] = step
    }
  }

  /// Whether a message is continued by the frame; nil of a control frame.
  private static func continues(_ header: FrameHeader) -> Bool? {
    header.isControl ? nil : header.opcode == .continuation
  }

  /// Fragments of one message follow one another (RFC 6455 §5.4).
  private static func allows(_ header: FrameHeader, before following: Step) -> Bool {
    guard let continues = following.continues, !header.isControl else { return true }
    return continues == !header.fin
  }

  /// Bits for a frame that ends where another one begins, by its header.
  static func bits(of header: FrameHeader, like firstByte: UInt8, _ evidence: FrameEvidence) -> Double {
    // One of 256 bytes is the one that frames here begin with, and one of 128 lengths leads to the place.
    let same = header.firstByte == firstByte ? 8.0 : evidence.allowsCompression ? 4.3 : 4.8
    return same + (evidence.mask == nil ? 0 : 1) + (header.lengthBytes == 0 ? 7 : 20)
  }
}
