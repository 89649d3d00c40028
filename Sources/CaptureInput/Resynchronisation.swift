import WireBytes

// Reading on behind damage: where records seem to begin again is inferred, from several that agree.

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

/// The seconds of records that were read: by them the fields of a record are told from what stands beside them, and the
/// records of a file from those of another one within it.
struct RecordTimes {
  private let known: [Int64]

  /// Seconds between two packets that follow each other.
  static let longestSilence: Int64 = 30 * 86_400

  /// `known`: those of the first record, and of the last one, which may be damaged itself. Without any, nothing is known.
  init(_ known: [CaptureTime]) { self.known = known.map { $0.nanoseconds / 1_000_000_000 } }

  func hold(_ seconds: UInt32) -> Bool {
    known.isEmpty || known.contains { abs(Int64(seconds) - $0) <= Self.longestSilence }
  }
}

extension Pcapng {
  /// Moves `block` to the first place from `next` on where blocks seem to begin; false when there is none.
  ///
  /// A block says its length twice, and has a type out of few: two blocks one behind the other, or one at the end of
  /// the file, are believed; so is a section header.
  func findBlocks(in block: inout InputBlock) -> Bool {
    var place = 0
    while block.has(place + Self.shortestBlock) {
      if let length = plausibleBlock(&block, at: place), isFollowed(&block, from: place, length) {
        block.consume(place)
        return true
      }
      place += 1
      if place == InputBlock.blockBytes {
        block.consume(place)
        place = 0
      }
    }
    return false
  }

  /// Longer blocks are too rare to look for.
  private static let longestBlock = 1 << 20

  private func isFollowed(_ block: inout InputBlock, from place: Int, _ length: Int) -> Bool {
    if block.load(place) == Self.magic { return true }
    let end = place + length
    guard block.has(end + Self.shortestBlock) else { return end == block.count }
    return plausibleBlock(&block, at: end) != nil
  }

  private func plausibleBlock(_ block: inout InputBlock, at place: Int) -> Int? {
    let isSection = block.load(place) == Self.magic
    var length = Int(field(block, place + 4))
    if isSection {
      guard Self.isByteOrderMagic(block.load(place + 8)) else { return nil }
      let isSwapped = block.load(place + 8) == 0x4D3C_2B1A
      length = Int(isSwapped ? block.load(place + 4).byteSwapped : block.load(place + 4))
    }
    guard isSection || isCommon(field(block, place)), length >= Self.shortestBlock, length & 3 == 0,
      length <= Self.longestBlock, block.has(place + length)
    else { return nil }
    // The same word twice, in whichever order.
    return block.load(place + 4) == block.load(place + length - 4) ? length : nil
  }

  /// Interfaces, the three kinds of packets, names, statistics, a journal's entry, secrets, custom blocks.
  private func isCommon(_ type: UInt32) -> Bool {
    type >= 1 && type <= 6 || type == 9 || type == 10 || type == 0x0BAD || type == 0x4000_0BAD
  }
}

/// What was wrong in a file that was read on, in words.
struct DamageLog {
  private var lines: [String] = []
  private var further: UInt64 = 0
  private var furtherBytes: UInt64 = 0

  /// A file of nothing but damage is not to fill the memory, nor the screen.
  private static let mostLines = 20

  /// Notes a place where `skipped` bytes were not read.
  mutating func add(_ line: @autoclosure () -> String, skipped: UInt64) {
    guard lines.count < Self.mostLines else {
      further += 1
      furtherBytes += skipped
      return
    }
    lines.append(line())
  }

  /// All of it, for the file `name`.
  func lines(_ name: String) -> [String] {
    guard further > 0 else { return lines }
    return lines + ["\(name) is damaged at \(further) places more, where \(furtherBytes) bytes were skipped"]
  }
}
