import CaptureInput
import HeapModule
import WireBytes

/// A packet that is kept beyond its turn.
struct KeptPacket: Comparable {
  var record: PacketRecord
  var bytes: [UInt8]

  /// What it costs in memory, about.
  var cost: Int { bytes.count + 96 }

  static func < (left: KeptPacket, right: KeptPacket) -> Bool { left.record.number < right.record.number }
  static func == (left: KeptPacket, right: KeptPacket) -> Bool { left.record.number == right.record.number }
}
