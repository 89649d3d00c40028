import WireBytes

/// Places that follow one another as the headers at them say, and what speaks for their being frames.
struct FrameChain {
  /// The offset of its first frame.
  var start: Int
  /// The stream positions of its first and its last header.
  var first: StreamPosition
  var last: StreamPosition
  var masked: Bool
  /// `start` is final. A place before the first frame may lead to it by chance if one place in a hundred looks like a header.
  var startIsSure = false
  /// It leads here from the first byte that was searched.
  var beginsWithAll = false
  var startsPacket: Bool
  /// Its first frame is the payload of a DATA frame of HTTP/2: so are the others.
  var isCarried = false
  var bits: Double
  /// The same without the cost of places.
  var grossBits = 0.0
  var headers = 0
  /// Bits to add if the next header's place is the start of a packet.
  var bitsForFilling = 0.0
  /// What its last frame is like, to tell repetition from variety.
  var lastFrame = FrameEvidence.Likeness()
  /// The packet that its last header begins in.
  var lastPacket = 0
  /// The first byte of its last frame, and how long that is.
  var lastFirstByte: UInt8 = 0
  var lastBytes: UInt64 = 0
  /// Whether a message is open after it; nil if that is not known.
  var messageIsOpen: Bool?

  /// The place where its next header must be was reached, and there is a plausible header.
  /// `fillsPackets`: its last frame ends with a packet, not necessarily the one that it begins in. `placesInBits`: how many places
  /// could have led here by chance, where that is known.
  mutating func arrive(
    at place: Int, _ position: StreamPosition, fills: Bool, inside: Bool, fillsPackets: Bool,
    placesInBits: Double?
  ) {
    if fills { add(bitsForFilling) } else if inside { add(FrameEvidence.bitsForEndingInside) }
    last = position
    if startIsSure { return }
    // To arrive at a real frame, a wrong place needs luck with the length, too; but there are many places.
    let isAlone = startsPacket && headers == 1 && (fills || fillsPackets)
    startIsSure = isAlone || grossBits >= (startsPacket ? 13 : 20) || isNoChance(fills, placesInBits)
    if !startIsSure { (start, first) = (place, position) }
  }

  /// Whether so few of so many places lead here that the first one is real. A short length is right once in 128 times.
  private func isNoChance(_ fills: Bool, _ placesInBits: Double?) -> Bool {
    guard let placesInBits, !startsPacket, lastFirstByte & 0x08 == 0 else { return false }
    return grossBits + (fills ? 0 : 7) >= placesInBits + Self.bitsOfNoChance
  }
  private static let bitsOfNoChance = 6.0

  mutating func add(_ more: Double) {
    bits += more
    grossBits += more
  }
}
