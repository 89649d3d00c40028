import CaptureInput
import TestSupport
import Testing

@Suite("Compressed captures")
struct CompressionTests {
  static let capture: [UInt8] = {
    var random = SeededRandom(seed: 3)
    var file = CaptureBuilder()
    // More than one block of the reader, and not so even that nothing is left of it.
    for number in 0..<400 {
      file.packet(random.bytes(500) + [UInt8](repeating: UInt8(number % 256), count: 900))
    }
    return file.file
  }()

  @Test("Are read like plain ones, in whatever pieces they come", arguments: Packing.allCases)
  func whole(_ packing: Packing) throws {
    let plain = try Reading(Self.capture)
    for pieces in [[.max], [4096, 1]] {
      #expect(try Reading(packing.pack(Self.capture), pieces: pieces) == plain)
    }
  }

  @Test("May consist of several members or frames, with zeros after them", arguments: Packing.allCases)
  func members(_ packing: Packing) throws {
    let middle = Self.capture.count / 2
    let packed =
      packing.pack(Array(Self.capture[..<middle])) + packing.pack([])
      + packing.pack(Array(Self.capture[middle...]))
    for pieces in [[.max], [4096, 1]] {
      #expect(try Reading(packed, pieces: pieces) == (try Reading(Self.capture)))
      #expect(try Reading(packed + [0, 0, 0, 0, 0], pieces: pieces) == (try Reading(Self.capture)))
    }
  }

  @Test(
    "May have skippable frames before, between and after the others, as pzstd writes them",
    arguments: [Packing.zstd, .lz4])
  func skippable(_ packing: Packing) throws {
    let middle = Self.capture.count / 2
    let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
    let packed = [
      skipped, skipped, packing.pack(Array(Self.capture[..<middle])), skipped,
      packing.pack(Array(Self.capture[middle...])), skipped,
    ]
    for pieces in [[.max], [4096, 1], [1]] {
      #expect(try Reading(Array(packed.joined()), pieces: pieces) == (try Reading(Self.capture)))
    }
    // Nothing but such frames, truncated ones, and ones with a senseless length.
    for damaged in [
      skipped, Array(skipped.dropLast()), skipped.prefix(4) + [UInt8](repeating: 0xFF, count: 60),
    ] {
      #expect(throws: CaptureError.self) { try Reading(damaged) }
    }
  }

  @Test("May be packed twice, but not without end", arguments: Packing.allCases)
  func twice(_ packing: Packing) throws {
    var packed = Self.capture
    for _ in 0..<4 { packed = packing.pack(packed) }
    #expect(try Reading(packed).packets.count == 400)
    #expect(throws: CaptureError.self) { try Reading(packing.pack(packed)) }
  }

  @Test("That are cut give what can be unpacked, and say where", arguments: Packing.allCases)
  func cut(_ packing: Packing) throws {
    let packed = packing.pack(Self.capture)
    let whole = try Reading(Self.capture).packets
    var most = 0
    for length in stride(from: packed.count / 3, to: packed.count, by: packed.count / 20) {
      let reading = try Reading(Array(packed[..<length]))
      #expect(reading.packets == Array(whole.prefix(reading.packets.count)))
      let damage = try #require(reading.damage)
      #expect(damage.contains("is cut after packet \(reading.packets.count), byte offset"), "\(damage)")
      #expect(
        damage.contains("of the decompressed data: its \(packing.rawValue) data ends too early"), "\(damage)")
      most = max(most, reading.packets.count)
    }
    #expect(most > 200)
  }

  @Test("Damage in the last bytes is said to be damage, in whatever pieces they come", arguments: waysToRead)
  func damagedEnd(pieces: [Int]) throws {
    let bytes: [UInt8] = [
      0x1f, 0x8b, 0x08, 0x00, 0x69, 0xc7, 0x01, 0x94, 0x00, 0x00, 0x8b, 0x08, 0x00, 0x69, 0x00,
    ]
    let error = #expect(throws: CaptureError.self) { try Reading(bytes, pieces: pieces) }
    #expect(error?.description.contains("its gzip data is damaged") == true, "\(error?.description ?? "")")
  }

  @Test("That are damaged give what comes before, and neither trap nor hang", arguments: Packing.allCases)
  func damaged(_ packing: Packing) throws {
    var random = SeededRandom.fresh()
    let packed = packing.pack(Self.capture)
    for _ in 0..<40 {
      let seed = random
      var bytes = packed
      bytes[Int.random(in: 4..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      guard let reading = try? Reading(bytes) else { continue }
      #expect((try? Reading(bytes, pieces: [1000, 1])) == reading, "\(seed)")
    }
  }
}
