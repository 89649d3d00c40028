import HTTP1
import TCPReassembly
import WireBytes

/// Looks for an upgrade request in a connection that begins with something unknown, so that it can be said that there is one.
///
/// It holds no bytes. What it looks for is a line `Upgrade: websocket`; the request line before it says where the request begins.
final class UpgradeSearch {
  /// What a call comes to.
  enum Finding {
    case undecided
    /// An upgrade request begins here.
    case found(StreamPosition)
    /// None within the limit.
    case dismissed
  }

  /// Bytes of a direction that are looked at.
  static let limit: UInt64 = 64 << 10
  /// A request line that is longer is not found.
  private static let longestLine = 8 << 10
  private static let field: StaticString = "upgrade:"
  private static let value: StaticString = "websocket"

  /// Why a request that is found was not read.
  let reason: UnreadRequest.Reason
  private var directions: InlineArray<2, Direction> = [Direction(), Direction()]

  /// What is known of one direction. It is small: many connections may be searched at a time.
  private struct Direction {
    /// Where the last request line begins.
    var request: StreamPosition?
    /// How far the field's line is matched at the end of what came: its line end, name, and value.
    var matched: UInt8 = 0
  }

  init(_ reason: UnreadRequest.Reason) { self.reason = reason }

  /// Looks at the next bytes of a direction. `isClient`: it is certainly the client's. If not, the line may be that of an answer,
  /// and counts only after a request line.
  func receive(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, isClient: Bool, at position: StreamPosition
  ) -> Finding {
    let index = direction.rawValue
    var place = 0
    var isFound = directions[index].matched > 0 && match(bytes, from: &place, index)
    while !isFound, place < bytes.count, let lf = bytes.first(0x0A, in: place..<bytes.count) {
      noteRequestLine(bytes, endingAt: lf, index, position)
      place = lf + 1
      directions[index].matched = 1
      isFound = match(bytes, from: &place, index)
    }
    if isFound {
      // A request line that was cut is not known: then it is said where the field was seen.
      if let request = directions[index].request { return .found(request) }
      if isClient { return .found(position.advanced(by: place)) }
    }
    let end = position.offset &+ UInt64(bytes.count)
    return end >= Self.limit ? .dismissed : .undecided
  }

  /// Bytes of a direction are not in the capture.
  func skip(_ count: UInt64, _ direction: FlowDirection, at position: StreamPosition) -> Finding {
    directions[direction.rawValue].matched = 0
    let end = position.offset.addingReportingOverflow(count)
    return end.overflow || end.partialValue >= Self.limit ? .dismissed : .undecided
  }

  /// Matches the line on, after its first `matched` characters (white space does not count). True if all of it is there.
  private func match(_ bytes: Span<UInt8>, from place: inout Int, _ index: Int) -> Bool {
    let (name, value) = (Self.field.utf8CodeUnitCount, Self.value.utf8CodeUnitCount)
    while place < bytes.count {
      let byte = bytes[place]
      let matched = Int(directions[index].matched) - 1
      if matched == name, byte == 0x20 || byte == 0x09 {
        place += 1
        continue
      }
      let lowered = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
      guard lowered == Self.character(matched) else {
        directions[index].matched = 0
        return false
      }
      place += 1
      directions[index].matched += 1
      if matched + 1 == name + value { return true }
    }
    return false
  }

  private static func character(_ index: Int) -> UInt8 {
    let name = field.utf8CodeUnitCount
    return index < name
      ? field.withUTF8Buffer { unsafe $0[index] } : value.withUTF8Buffer { unsafe $0[index - name] }
  }

  /// Notes where a request line begins that ends at `lf`: `GET … HTTP/1.1`.
  private func noteRequestLine(
    _ bytes: Span<UInt8>, endingAt lf: Int, _ index: Int, _ position: StreamPosition
  ) {
    let end = lf > 0 && bytes[lf - 1] == 0x0D ? lf - 1 : lf
    guard end >= 14, bytes.has(" HTTP/1.", at: end - 9) else { return }
    var start = end - 13
    let first = max(0, end - Self.longestLine)
    while start >= first {
      if bytes.has("GET ", at: start) {
        directions[index].request = position.advanced(by: start)
        return
      }
      if bytes[start] == 0x0A { return }
      start -= 1
    }
  }
}
