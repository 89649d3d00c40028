import TCPReassembly

/// Packets on their way from one thread to another.
final class DecodedBatch: @unchecked Sendable {
  // @unchecked: a batch has one owner at a time (`BatchQueue`).
  var packets: DecodedPackets

  init(seed: HashSeed) { packets = DecodedPackets(seed: seed) }
}
