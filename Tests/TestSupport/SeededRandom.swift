/// SplitMix64: small, good enough for tests, and the same everywhere. A failing property test prints its
/// seed; `SeededRandom(seed: 0x…)` replays it.
public struct SeededRandom: RandomNumberGenerator, Sendable, CustomStringConvertible {
  /// What the generator began with: it replays the same numbers.
  public let seed: UInt64
  private var state: UInt64

  /// A generator that begins with `seed`.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// A generator with a new seed each run: print it with the failure.
  public static func fresh() -> SeededRandom {
    SeededRandom(seed: UInt64.random(in: .min ... .max))
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
  }

  /// `total` cut into random positive pieces, in order.
  public mutating func pieces(of total: Int, atMost most: Int = 64) -> [Int] {
    var rest = total
    var result: [Int] = []
    while rest > 0 {
      let piece = Int.random(in: 1...Swift.min(rest, most), using: &self)
      result.append(piece)
      rest -= piece
    }
    return result
  }

  /// Code that makes the same generator, to paste into a test.
  public var description: String { "SeededRandom(seed: 0x\(String(seed, radix: 16)))" }
}
