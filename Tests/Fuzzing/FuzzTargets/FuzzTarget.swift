/// One decoder, driven by bytes that a fuzzer makes up.
///
/// Whatever the bytes are, nothing may trap. Beside that each target checks what holds for every input: bytes
/// are accounted for, and how they are cut into calls does not matter.
package struct FuzzTarget: Sendable {
  /// What the command line and the folder of regression inputs call it.
  package let name: String
  private let body: @Sendable ([UInt8]) throws -> Void

  init(_ name: String, _ body: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.name = name
    self.body = body
  }

  /// Feeds one input. Throws `BrokenInvariant` when it shows a mistake.
  package func run(_ input: [UInt8]) throws { try body(input) }

  /// All of them.
  package static let all = [
    FuzzTarget("capture", fuzzCapture), FuzzTarget("savefile", fuzzSavefile),
    FuzzTarget("packets", fuzzPackets), FuzzTarget("tcp", fuzzTCP),
    FuzzTarget("preambles", fuzzPreambles), FuzzTarget("http", fuzzHTTP),
    FuzzTarget("websocket", fuzzWebSocket),
    FuzzTarget("midstream", fuzzMidstream), FuzzTarget("deflate", fuzzDeflate), FuzzTarget("text", fuzzText),
  ]
}

/// Something that must hold for every input, and does not.
package struct BrokenInvariant: Error, CustomStringConvertible {
  package let description: String
}

/// Throws unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
  if !condition { throw BrokenInvariant(description: what()) }
}

/// Throws, naming the first line that differs, unless two runs say the same.
func requireSame(_ a: [String], _ b: [String], _ what: String) throws {
  if a == b { return }
  let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
  let (left, right) = (place < a.count ? a[place] : "nothing", place < b.count ? b[place] : "nothing")
  throw BrokenInvariant(description: "\(what): event \(place) is \(left) and \(right)\n\(a)\n\(b)")
}

/// Reads choices off an input. Past its end every choice is 0.
struct FuzzInput {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index >= bytes.count }

  mutating func byte() -> UInt8 {
    guard index < bytes.count else { return 0 }
    defer { index += 1 }
    return bytes[index]
  }

  /// Little-endian, as the fuzzer's own tables of interesting numbers are.
  mutating func short() -> UInt16 { UInt16(byte()) | UInt16(byte()) << 8 }

  /// At most `count` bytes.
  mutating func take(_ count: Int) -> [UInt8] {
    let end = min(bytes.count, index + count)
    defer { index = end }
    return Array(bytes[index..<end])
  }

  mutating func rest() -> [UInt8] { take(bytes.count) }

  /// A length that is small mostly, and enormous now and then.
  mutating func lostBytes() -> UInt64 {
    let choice = byte()
    return choice < 200 ? UInt64(choice) + 1 : 1 << UInt64(choice - 193)
  }
}

/// FNV-1a: enough to tell two payloads apart.
func checksum(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

/// Where an input is cut, the same each time for the same input.
struct CutPoints {
  private var state: UInt64

  init(for bytes: [UInt8]) { state = checksum(bytes) }

  /// The length of the next piece: 1 to `most`.
  mutating func next(atMost most: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(most, 1) + 1
  }
}
