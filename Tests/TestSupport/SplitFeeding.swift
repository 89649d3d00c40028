import Testing
import WireBytes

/// A part of a stream as the capture holds it.
public enum StreamPart: Sendable {
  case bytes([UInt8])
  /// So many bytes that were not captured.
  case lost(UInt64)
}

/// One way to cut a stream into calls. Which packet brought a byte depends on the byte alone, so positions
/// must agree however the stream is cut.
public struct SplitStream: Sendable, CustomStringConvertible {
  fileprivate let parts: [StreamPart]
  /// Offsets into the captured bytes at which a new call begins.
  fileprivate let cuts: Set<Int>
  /// Every so many bytes, and after every gap, a new packet begins. Packets are always cut apart.
  fileprivate let packetSize: Int
  /// How the stream is cut, for a failure's message.
  public let description: String

  /// What one call brings.
  public enum Piece {
    case bytes([UInt8], at: StreamPosition)
    case lost(UInt64, at: StreamPosition)
  }

  /// The calls, in order.
  public var pieces: [Piece] {
    var result: [Piece] = []
    var (offset, captured) = (UInt64(0), 0)
    var (packet, room) = (UInt64(1), packetSize)
    for part in parts {
      switch part {
      case .lost(let lost):
        if room < packetSize { (packet, room) = (packet + 1, packetSize) }
        result.append(.lost(lost, at: Self.position(offset, packet)))
        offset &+= lost
      case .bytes(let bytes):
        var start = 0
        while start < bytes.count {
          var end = min(bytes.count, start + room)
          if let cut = (start + 1..<max(end, start + 1)).first(where: { cuts.contains(captured + $0 - start) }
          ) {
            end = cut
          }
          result.append(.bytes(Array(bytes[start..<end]), at: Self.position(offset, packet)))
          offset &+= UInt64(end - start)
          captured += end - start
          room -= end - start
          if room == 0 { (packet, room) = (packet + 1, packetSize) }
          start = end
        }
      }
    }
    return result
  }

  /// Feeds a decoder and finishes it; stops where the decoder hands over. Returns how many bytes of the
  /// stream it took, gaps included.
  @discardableResult
  public func feed<Decoder: StreamDecoder & ~Copyable>(
    to decoder: inout Decoder, into sink: Decoder.Sink
  ) -> UInt64 {
    var end = Self.position(0, 1)
    for piece in pieces {
      switch piece {
      case .lost(let lost, let position):
        decoder.skip(lost, at: position, into: sink)
        end = StreamPosition(offset: position.offset &+ lost, packet: position.packet, time: position.time)
      case .bytes(let bytes, let position):
        let taken = decoder.receive(bytes.span, at: position, into: sink)
        end = position.advanced(by: taken)
        if taken < bytes.count { return end.offset }
      }
    }
    decoder.finish(at: end, into: sink)
    return end.offset
  }

  private static func position(_ offset: UInt64, _ packet: UInt64) -> StreamPosition {
    StreamPosition(offset: offset, packet: packet, time: CaptureTime(nanoseconds: Int64(packet) * 1_000_000))
  }
}

/// Feeds the same stream whole, byte by byte, cut once at every place (short streams) and cut at random
/// places: the description of the events must be the same. `events` makes a fresh decoder each time, feeds
/// it with `SplitStream.feed` (or the pieces to whatever takes them) and describes all it heard, positions
/// included.
public func verifySplitFeeding(
  _ parts: [StreamPart], randomCuts: Int = 20, sourceLocation: SourceLocation = #_sourceLocation,
  events: (SplitStream) -> [String]
) {
  let count = parts.reduce(0) { sum, part in
    if case .bytes(let bytes) = part { sum + bytes.count } else { sum }
  }
  var random = SeededRandom.fresh()
  for packetSize in [max(count, 1), 7] {
    func stream(_ cuts: some Sequence<Int>, _ how: String) -> SplitStream {
      SplitStream(
        parts: parts, cuts: Set(cuts), packetSize: packetSize,
        description: "\(how), packets of \(packetSize) bytes")
    }
    let expected = events(stream([], "whole"))
    func check(_ stream: SplitStream) -> Bool {
      let seen = events(stream)
      if seen == expected { return true }
      Issue.record(
        "cut \(stream): \(seen) is not the same as whole: \(expected)", sourceLocation: sourceLocation)
      return false
    }
    guard check(stream(0..<count, "byte by byte")) else { return }
    if count <= 600 {
      for cut in 1..<max(count, 1) {
        guard check(stream([cut], "at \(cut)")) else { return }
      }
    }
    for round in 0..<(count > 1 ? randomCuts : 0) {
      var cuts: [Int] = []
      for piece in random.pieces(of: count, atMost: 64) { cuts.append((cuts.last ?? 0) + piece) }
      guard check(stream(cuts, "at random, round \(round) of \(random)")) else { return }
    }
  }
}
