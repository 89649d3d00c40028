import HeapModule
import WireBytes

/// Puts packets back into the order in which they were captured. Those that are added late, because it was not
/// known before that they are wanted, get their place as long as they are no older than the bounds allow.
struct PacketQueue {
  private var packets = Heap<KeptPacket>()
  private var bytes = 0

  /// How long a packet waits for earlier ones, in nanoseconds of the capture's clock: longer than an opening
  /// handshake takes that goes around the world.
  static let patience: UInt64 = 2_000_000_000
  static let mostBytes = 32 << 20

  mutating func add(_ packet: KeptPacket) {
    bytes += packet.cost
    packets.insert(packet)
  }

  /// The first packet, when its time has come: the newest one was captured at `now`. `nil` for `now` takes all.
  mutating func next(at now: CaptureTime?) -> KeptPacket? {
    guard let first = packets.min else { return nil }
    if let now {
      // Either direction: after a step of the clock nothing may wait for a time that never comes.
      let wait = now.nanoseconds(since: first.record.time).magnitude
      guard wait > Self.patience || bytes > Self.mostBytes else { return nil }
    }
    bytes -= first.cost
    return packets.popMin()
  }
}
