/// Finds the place where the records of a classic file begin again after damage.
///
/// The header of a record has about 34 bits that can be right or wrong, and its length leads to the next one. A place is
/// believed when four records follow each other, or fewer end exactly with the file, and when their time is near one
/// that was read.
struct PcapResynchronization {
  let format: ClassicPcap
  /// The times of records that were read.
  let times: RecordTimes

  private static let chainLength = 4
  /// libpcap's limit: longer packets are too rare to look for.
  private static let longestPacket = 256 << 10

  /// Moves `block` to the first place from `next` on where records seem to begin; false without such a place. `crossing`
  /// is where the damage is: records that begin before it must lead past it, because a packet may itself hold a capture.
  func findRecords(in block: inout InputBlock, crossing: Int) -> Bool {
    var (place, walked) = (0, 0)
    while block.has(place + format.recordHeaderBytes) {
      if isRecord(block, at: place), times.areNear(format.field(block, place)),
        isChain(&block, from: place, beyond: crossing - walked)
      {
        block.consume(place)
        return true
      }
      place += 1
      // What was searched need not be held.
      if place == InputBlock.blockBytes {
        block.consume(place)
        (place, walked) = (0, walked + place)
      }
    }
    return false
  }

  /// Whether the record that begins here, within which the file ends, is otherwise as it was written: with a damaged
  /// length its two lengths would hardly agree.
  func isOnlyCut(_ block: borrowing InputBlock) -> Bool {
    guard block.count >= format.recordHeaderBytes, isRecord(block, at: 0),
      times.areNear(format.field(block, 0))
    else { return false }
    let (captured, original) = format.recordLengths(block, at: 0)
    return captured == original || captured == format.snapLength
  }

  private func isRecord(_ block: borrowing InputBlock, at place: Int) -> Bool {
    let (captured, original) = format.recordLengths(block, at: place)
    guard captured > 0, captured <= Self.longestPacket, original >= captured,
      original <= InputBlock.longestRecord
    else { return false }
    return Int64(format.field(block, place + 4)) * format.nanosecondsPerUnit < 1_000_000_000
  }

  private func isChain(_ block: inout InputBlock, from start: Int, beyond: Int) -> Bool {
    var (place, records) = (start, 0)
    var before = Int64(format.field(block, start))
    while records < Self.chainLength || place <= beyond {
      // What leads exactly to the damage has been read already.
      if place == beyond { return false }
      guard block.has(place + format.recordHeaderBytes) else { return records > 0 && place == block.count }
      let seconds = Int64(format.field(block, place))
      guard isRecord(block, at: place), abs(seconds - before) <= RecordTimes.longestSilence else {
        return false
      }
      before = seconds
      place += format.recordHeaderBytes + format.recordLengths(block, at: place).captured
      records += 1
    }
    return true
  }
}
