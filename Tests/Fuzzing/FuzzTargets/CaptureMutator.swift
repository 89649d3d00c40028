/// Changes a capture in ways that captures differ: which packets are there, in which order and when, how much of them, where streams
/// are cut into segments, what TCP says of them, what is in them. Any bytes changed at random are mostly a file that is damaged.
///
/// It reads classic pcap of little-endian byte order with Ethernet, which the seeds are; anything else is left alone.
package struct CaptureMutator {
  private struct Record {
    var seconds: UInt32
    var fraction: UInt32
    var original: Int
    var bytes: [UInt8]
  }

  /// Where TCP and its payload are in a packet of IPv4.
  private struct Place {
    var ip: Int
    var tcp: Int
    var payload: Int
  }

  private let header: [UInt8]
  private var records: [Record] = []
  private var random: SplitMix

  /// Nil if the bytes are no capture of that kind, or have no packet.
  package init?(_ file: [UInt8], seed: UInt64) {
    guard file.count >= 24, file[1...3] == [0xC3, 0xB2, 0xA1] || file[1...3] == [0x3C, 0xB2, 0xA1],
      file[0] == 0xD4 || file[0] == 0x4D, file[20] == 1
    else { return nil }
    header = Array(file[..<24])
    random = SplitMix(state: seed)
    var place = 24
    while place + 16 <= file.count {
      let length = Int(Self.word(file, place + 8))
      guard length <= file.count - place - 16 else { break }
      records.append(
        Record(
          seconds: Self.word(file, place), fraction: Self.word(file, place + 4),
          original: Int(Self.word(file, place + 12)), bytes: Array(file[place + 16..<place + 16 + length])))
      place += 16 + length
    }
    if records.isEmpty { return nil }
  }

  /// The file with `changes` changes. `mutate` changes bytes at random, in place.
  package mutating func mutated(changes: Int, _ mutate: ([UInt8]) -> [UInt8]) -> [UInt8] {
    for _ in 0..<changes { change(mutate) }
    var file = header
    for record in records {
      for word in [
        record.seconds, record.fraction, UInt32(record.bytes.count), UInt32(max(0, record.original)),
      ] {
        for shift in stride(from: 0, to: 32, by: 8) {
          file.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
        }
      }
      file += record.bytes
    }
    return file
  }

  private mutating func change(_ mutate: ([UInt8]) -> [UInt8]) {
    guard !records.isEmpty else { return }
    let index = random.below(records.count)
    switch random.below(14) {
    case 0: records.remove(at: index)
    case 1: records.insert(records[index], at: min(records.count, index + random.below(8)))
    case 2: records.swapAt(index, random.below(records.count))
    case 3: records.removeSubrange(index..<min(records.count, index + 1 + random.below(10)))
    case 4:
      // The snapshot length of a capture.
      let kept = random.below(200)
      for cut in index..<min(records.count, index + 1 + random.below(4)) {
        records[cut].bytes = Array(records[cut].bytes.prefix(kept))
      }
    case 5:
      let pause = UInt32(random.below(4000))
      for later in index..<records.count { records[later].seconds &+= pause }
    case 6: records[index].original = records[index].bytes.count + random.below(2000)
    case 7, 8: changePayload(index, mutate)
    case 9: splitSegment(index)
    case 10: insertFrame(index)
    case 11: changeTCP(index)
    case 12: copyPayload(to: index, from: random.below(records.count))
    default: records[index].bytes = mutate(records[index].bytes)
    }
  }

  // MARK: Packets of TCP

  private func place(_ bytes: [UInt8]) -> Place? {
    guard bytes.count >= 54, bytes[12] == 8, bytes[13] == 0, bytes[14] >> 4 == 4, bytes[23] == 6 else {
      return nil
    }
    let tcp = 14 + Int(bytes[14] & 15) * 4
    guard tcp + 20 <= bytes.count else { return nil }
    let payload = tcp + Int(bytes[tcp + 12] >> 4) * 4
    return payload <= bytes.count ? Place(ip: 14, tcp: tcp, payload: payload) : nil
  }

  /// Puts a payload into a packet, and makes its lengths right.
  private mutating func set(payload: [UInt8], of index: Int, at place: Place) {
    let payload = payload.prefix(60_000)
    records[index].bytes.replaceSubrange(place.payload..., with: payload)
    let total = records[index].bytes.count - place.ip
    records[index].bytes[place.ip + 2] = UInt8(total >> 8)
    records[index].bytes[place.ip + 3] = UInt8(total & 255)
    records[index].original = records[index].bytes.count
  }

  private mutating func changePayload(_ index: Int, _ mutate: ([UInt8]) -> [UInt8]) {
    guard let place = place(records[index].bytes) else { return }
    set(payload: mutate(Array(records[index].bytes[place.payload...])), of: index, at: place)
  }

  private mutating func copyPayload(to index: Int, from other: Int) {
    guard let place = place(records[index].bytes), let source = self.place(records[other].bytes) else {
      return
    }
    set(payload: Array(records[other].bytes[source.payload...]), of: index, at: place)
  }

  /// Makes two segments of one.
  private mutating func splitSegment(_ index: Int) {
    guard let place = place(records[index].bytes) else { return }
    let payload = Array(records[index].bytes[place.payload...])
    guard payload.count > 1 else { return }
    let cut = 1 + random.below(payload.count - 1)
    records.insert(records[index], at: index + 1)
    set(payload: Array(payload[..<cut]), of: index, at: place)
    set(payload: Array(payload[cut...]), of: index + 1, at: place)
    add(UInt32(cut), to: place.tcp + 4, of: index + 1)
  }

  private mutating func changeTCP(_ index: Int) {
    guard let place = place(records[index].bytes) else { return }
    let steps: [UInt32] = [1, 2, 100, 1448, 65_536, 1 << 31, 0 &- 1, 0 &- 100]
    switch random.below(4) {
    case 0: add(steps[random.below(steps.count)], to: place.tcp + 4, of: index)
    case 1: add(steps[random.below(steps.count)], to: place.tcp + 8, of: index)
    case 2: records[index].bytes[place.tcp + 13] ^= 1 << UInt8(random.below(6))
    default: records[index].bytes[place.tcp + random.below(4)] ^= 1
    }
  }

  private mutating func add(_ step: UInt32, to place: Int, of index: Int) {
    var old: UInt32 = 0
    for byte in records[index].bytes[place..<place + 4] { old = old << 8 | UInt32(byte) }
    for byte in 0..<4 {
      records[index].bytes[place + byte] = UInt8(truncatingIfNeeded: (old &+ step) >> UInt32(24 - byte * 8))
    }
  }

  /// Writes a frame at the start or the end of a payload.
  private mutating func insertFrame(_ index: Int) {
    guard let place = place(records[index].bytes) else { return }
    let first: [UInt8] = [0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1, 0x83, 0x91]
    let lengths = [0, 1, 2, 5, 125, 126, 127, 200]
    let (length, isMasked) = (lengths[random.below(lengths.count)], random.below(2) == 0)
    var frame = [first[random.below(first.count)]]
    let mask: UInt8 = isMasked ? 0x80 : 0
    frame += length < 126 ? [UInt8(length) | mask] : [126 | mask, UInt8(length >> 8), UInt8(length & 255)]
    if isMasked { frame += [0, 0, 0, 0] }
    // The code of a Close, and letters.
    let payloadBytes: [UInt8] = [0x03, 0xE8] + Array("abcdefghijklmnopqrstuvwxyz".utf8)
    for index in 0..<length { frame.append(payloadBytes[index % payloadBytes.count]) }
    let payload = Array(records[index].bytes[place.payload...])
    set(payload: random.below(2) == 0 ? frame + payload : payload + frame, of: index, at: place)
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
    var word: UInt32 = 0
    for byte in bytes[place..<place + 4].reversed() { word = word << 8 | UInt32(byte) }
    return word
  }
}

/// SplitMix64, so that a seed of the fuzzer's gives the same changes again.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// A number from 0 on, less than `count`, which is positive.
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }
}
