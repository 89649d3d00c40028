/// What makes hashes differ from run to run.
public struct HashSeed: Sendable {
  let first: UInt64
  let second: UInt64
  /// Odd: multiplying by it loses nothing.
  let third: UInt64
  let fourth: UInt64

  /// Four numbers from one (SplitMix64).
  public init(_ seed: UInt64) {
    func number(_ index: UInt64) -> UInt64 {
      var mixed = seed &+ index &* 0x9E37_79B9_7F4A_7C15
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    (first, second, third, fourth) = (number(1), number(2), number(3) | 1, number(4))
  }
}
