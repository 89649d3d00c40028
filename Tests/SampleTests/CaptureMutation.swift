import TestSupport

/// A pcap file whose packets can be damaged one by one: a flipped bit in the file's own structure would end the
/// reading there, and nothing behind it would be tried.
struct MutableCapture {
  /// The file header.
  var head: [UInt8]
  /// Record headers with their packets.
  var records: [[UInt8]]

  init(_ file: [UInt8]) {
    head = Array(file.prefix(24))
    records = []
    var offset = 24
    while offset + 16 <= file.count {
      let length = 16 + Int(file[offset + 8]) + Int(file[offset + 9]) << 8
      records.append(Array(file[offset..<min(offset + length, file.count)]))
      offset += length
    }
  }

  var file: [UInt8] { head + records.joined() }

  /// Damages the capture in one to four ways. Returns the bytes of the damaged file.
  mutating func damaged(_ random: inout SeededRandom) -> [UInt8] {
    for _ in 0..<Int.random(in: 1...4, using: &random) { damageRecords(&random) }
    guard Int.random(in: 0..<4, using: &random) == 0 else { return file }
    var bytes = file
    for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.damage(&random) }
    return bytes
  }

  private mutating func damageRecords(_ random: inout SeededRandom) {
    guard !records.isEmpty else { return }
    let index = Int.random(in: records.indices, using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: records.remove(at: index)
    case 1: records.insert(records[index], at: Int.random(in: records.indices, using: &random))
    case 2: records.swapAt(index, Int.random(in: records.indices, using: &random))
    case 3: records.removeSubrange(index..<min(index + 20, records.count))
    case 4: records[index] = packet(Array(records[index].dropFirst(16).shuffled(using: &random)), index)
    case 5:
      // Cut by a snap length: the record still says how long the packet was.
      let kept = Int.random(in: 0...(records[index].count - 16), using: &random)
      records[index] = packet(Array(records[index].dropFirst(16).prefix(kept)), index)
    default:
      var bytes = Array(records[index].dropFirst(16))
      for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.damage(&random) }
      records[index] = packet(Array(bytes.prefix(60_000)), index)
    }
  }

  /// The record with another packet in it, its captured length made right.
  private func packet(_ bytes: [UInt8], _ index: Int) -> [UInt8] {
    var record = records[index].prefix(16) + bytes
    record.replaceSubrange(8..<12, with: bigEndianBytes(UInt32(bytes.count)).reversed())
    return Array(record)
  }
}

extension [UInt8] {
  /// One damage anywhere: bits flipped, bytes replaced, removed, repeated, cut off, put in.
  mutating func damage(_ random: inout SeededRandom) {
    guard !isEmpty else { return }
    let start = Int.random(in: indices, using: &random)
    let end = Swift.min(count, start + Int.random(in: 1...64, using: &random))
    switch Int.random(in: 0..<7, using: &random) {
    case 0, 1:
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        self[Int.random(in: indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    case 2: removeSubrange(start..<end)
    case 3: insert(contentsOf: self[start..<end], at: Int.random(in: indices, using: &random))
    case 4: replaceSubrange(start..<end, with: random.bytes(end - start))
    case 5: insert(contentsOf: random.bytes(end - start), at: start)
    default: removeSubrange(start...)
    }
  }
}
