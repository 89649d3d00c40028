import WireBytes

/// Frames of HTTP/2 without TLS (RFC 9113 §4.1), as far as they have to be told from those of a WebSocket.
///
/// HTTP/2 carries WebSockets (RFC 8441): then whole frames of RFC 6455 are in its DATA frames, with everything that speaks for them. What
/// decides is what is around them.
struct HTTP2Frames {
  /// The header of one frame.
  struct Header {
    static let bytes = 9

    let payloadBytes: Int
    private let type: UInt8
    private let flags: UInt8
    private let stream: UInt32

    /// The header at the start of `bytes`, or nil if there is none that an honest peer sends, or not all of it.
    init?(parsing bytes: Span<UInt8>) {
      guard bytes.count >= Self.bytes else { return nil }
      payloadBytes = Int(bytes[0]) << 16 | Int(bytes.uint16(at: 1))
      (type, flags) = (bytes[3], bytes[4])
      stream = UInt32(bytes.uint16(at: 5)) << 16 | UInt32(bytes.uint16(at: 7))
      // Nobody sends longer frames than 1 MiB, or opens so many streams; those of servers (even numbers) are hardly used any more.
      guard payloadBytes <= 1 << 20, stream < 1 << 28, isPlausible else { return nil }
    }

    /// Length, flags and stream are as the type demands (RFC 9113 §6).
    private var isPlausible: Bool {
      let isOfStream = stream & 1 == 1
      switch type {
      case 0: return isOfStream && flags & ~0x09 == 0 && (payloadBytes > 0 || flags == 1)  // DATA
      case 1: return isOfStream && flags & ~0x2D == 0 && payloadBytes > 0  // HEADERS
      case 2: return isOfStream && flags == 0 && payloadBytes == 5  // PRIORITY
      case 3: return isOfStream && flags == 0 && payloadBytes == 4  // RST_STREAM
      case 4:  // SETTINGS
        return stream == 0
          && (flags == 0 ? payloadBytes % 6 == 0 && payloadBytes <= 120 : flags == 1 && payloadBytes == 0)
      case 6: return stream == 0 && flags & ~1 == 0 && payloadBytes == 8  // PING
      case 7: return stream == 0 && flags == 0 && (8...4096).contains(payloadBytes)  // GOAWAY
      case 8: return (stream == 0 || isOfStream) && flags == 0 && payloadBytes == 4  // WINDOW_UPDATE
      case 9: return isOfStream && flags & ~4 == 0 && payloadBytes > 0  // CONTINUATION
      default: return false
      }
    }

    /// It is a DATA frame, which may carry anything.
    var carriesData: Bool { type == 0 }

    /// Bits that speak for it: other bytes look like this once in 2ⁿ times.
    var bits: Double {
      let isShort = payloadBytes <= 1 << 14
      let ofStream = 31 - roughLog2(Int(stream) + 1) - 2
      // Eight bits of the type and nearly all of the flags. Zeros are more frequent than other bytes, so half is believed.
      return (13 + (type > 1 && type < 9 ? 20 : isShort ? 9 : 2) + ofStream) / 2
    }
  }

  /// Bits from which nothing else is believed.
  private static let requiredBits = 40.0
  /// The same for not believing anything yet.
  private static let bitsOfDoubt = 15.0
  /// Bits for a frame that ends with its packet.
  private static let bitsForFilling = 8.0
  /// Bits that a packet costs which does not begin with a frame where one is due.
  private static let bitsOfFalseStart = 15.0

  /// What speaks for HTTP/2 in one direction, in bits.
  private var bits = 0.0
  /// The stream offset at which the latest frame ends.
  private var end: UInt64?

  /// Whether the packets are frames of HTTP/2.
  var areCertain: Bool { bits >= Self.requiredBits }
  /// Whether they may well be.
  var areLikely: Bool { bits >= Self.bitsOfDoubt }

  /// Looks at the first bytes of a packet. `isFrame`: a frame of a WebSocket may begin there as well.
  mutating func receive(packet bytes: Span<UInt8>, at offset: UInt64, isFrame: Bool) {
    var place = 0
    if let end, Int64(bitPattern: end &- offset) > 0 {
      guard end &- offset < UInt64(bytes.count) else { return }
      place = Int(end &- offset)
    }
    let isDue = place > 0 || end == offset
    var (headers, more) = (0, 0.0)
    while let header = Header(parsing: bytes.dropping(place)), headers < Self.headersLimit {
      headers += 1
      more += header.bits
      place += Header.bytes + header.payloadBytes
      if place >= bytes.count { break }
    }
    guard headers > 0,
      place >= bytes.count || headers == Self.headersLimit || bytes.count - place < Header.bytes
    else {
      if isFrame || isDue { bits = max(0, bits - Self.bitsOfFalseStart) }
      end = nil
      return
    }
    if place == bytes.count { more += Self.bitsForFilling }
    bits += more
    end = place >= bytes.count ? offset &+ UInt64(place) : nil
  }
  private static let headersLimit = 8

  /// Whether the header of a DATA frame is right before index `place`.
  static func carry(_ place: Int, in bytes: Span<UInt8>) -> Bool {
    guard place >= Header.bytes, let header = Header(parsing: bytes.dropping(place - Header.bytes)) else {
      return false
    }
    return header.carriesData
  }
}
