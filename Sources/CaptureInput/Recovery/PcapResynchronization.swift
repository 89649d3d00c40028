extension ClassicPcap {
  /// Moves `block` to the first place from `next` on where records seem to begin; false when there is none.
  ///
  /// One record's header has about 34 bits that can be right or wrong, and its length leads to the next one. A place
  /// is believed when four follow each other so, or fewer end exactly with the file, and their time is `near` one that
  /// was read. `crossing`: where the damage is. Records that begin before it must pass over it, because a packet may hold
  /// a capture itself.
  func findRecords(in block: inout InputBlock, crossing: Int, near: RecordTimes) -> Bool {
    var (place, walked) = (0, 0)
    while block.has(place + recordHeaderBytes) {
      if isRecord(block, at: place), near.hold(field(block, place)),
        isChain(&block, from: place, beyond: crossing - walked)
      {
        block.consume(place)
        return true
      }
      place += 1
      // What was looked through need not be held.
      if place == InputBlock.blockBytes {
        block.consume(place)
        (place, walked) = (0, walked + place)
      }
    }
    return false
  }

  /// Whether the record that begins here, and that the file ends within, is nevertheless as it was written: with a
  /// wrong length it would not have two that agree.
  func isOnlyCut(_ block: borrowing InputBlock, near: RecordTimes) -> Bool {
    guard block.count >= recordHeaderBytes, isRecord(block, at: 0), near.hold(field(block, 0)) else {
      return false
    }
    let (captured, original) = recordLengths(block, at: 0)
    return captured == original || captured == snapLength
  }

  private static let chainLength = 4
  /// What libpcap takes as the longest: longer packets are too rare to look for.
  private static let longestPacket = 256 << 10
  private func isRecord(_ block: borrowing InputBlock, at place: Int) -> Bool {
    let (captured, original) = recordLengths(block, at: place)
    guard captured > 0, captured <= Self.longestPacket, original >= captured,
      original <= InputBlock.longestRecord
    else { return false }
    return Int64(field(block, place + 4)) * nanosecondsPerUnit < 1_000_000_000
  }

  private func isChain(_ block: inout InputBlock, from start: Int, beyond: Int) -> Bool {
    var (place, records) = (start, 0)
    var before = Int64(field(block, start))
    while records < Self.chainLength || place <= beyond {
      // What leads to the damage is what was read already.
      if place == beyond { return false }
      guard block.has(place + recordHeaderBytes) else { return records > 0 && place == block.count }
      let seconds = Int64(field(block, place))
      guard isRecord(block, at: place), abs(seconds - before) <= RecordTimes.longestSilence else {
        return false
      }
      before = seconds
      place += recordHeaderBytes + recordLengths(block, at: place).captured
      records += 1
    }
    return true
  }
}
