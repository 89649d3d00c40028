import WireBytes

/// Places that follow one another as frame headers say, and what speaks for their being frames.
struct FrameChain {
  /// Where it begins to be frames.
  var start: Int
  /// The same place in the stream, and that of its last header.
  var first: StreamPosition
  var last: StreamPosition
  var masked: Bool
  /// What is before `start` may have led here by chance: that takes one place of a hundred to look like a header.
  var startIsSure = false
  var startsPacket: Bool
  var bits: Double
  /// The same without the cost of places.
  var grossBits = 0.0
  var headers = 0
  /// Bits more if the next header's place is the start of a packet.
  var bitsForFilling = 0.0
  /// What its last frame begins with, to tell repetition from variety.
  var lastFrame = FrameEvidence.Likeness()
  /// The packet that its last header begins in.
  var lastPacket = 0
  /// The first byte of its last frame, and how long that is.
  var lastFirstByte: UInt8 = 0
  var lastBytes: UInt64 = 0
  /// Whether a message is open after it; nil when that is not known.
  var messageIsOpen: Bool?

  /// The place where its next header must be was reached, and there is a plausible one.
  mutating func arrive(at place: Int, _ position: StreamPosition, fills: Bool, inside: Bool) {
    if fills { add(bitsForFilling) } else if inside { add(FrameEvidence.bitsForEndingInside) }
    last = position
    if startIsSure { return }
    // To arrive at a real frame, a place of no frame needs luck with the length too; but there are as many places.
    let isAlone = startsPacket && fills && headers == 1
    startIsSure = isAlone || grossBits >= (startsPacket ? 13 : 20)
    if !startIsSure { (start, first) = (place, position) }
  }

  mutating func add(_ more: Double) {
    bits += more
    grossBits += more
  }
}
