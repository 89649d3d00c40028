/// Sebastiano Vigna's SplitMix64: a counter and a mixer. The standard library's generator cannot be seeded,
/// and a capture must be the same on every machine.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0..<bound, by multiplication: no division, and a bias that no benchmark can see.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  mutating func oneIn(_ odds: Int) -> Bool { below(odds) == 0 }

  mutating func side() -> Side { oneIn(2) ? .client : .server }

  mutating func appendBytes(_ count: Int, to bytes: inout [UInt8]) {
    let start = bytes.count
    let end = start + count
    bytes.append(contentsOf: repeatElement(0, count: (count + 7) & ~7))
    var offset = start
    while offset < end {
      bytes.store(next().littleEndian, at: offset)
      offset += 8
    }
    bytes.removeLast(bytes.count - end)
  }
}
