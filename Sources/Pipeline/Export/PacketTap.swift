import CaptureInput
import WireBytes

/// Sees every packet before it is analyzed, with its bytes: what exports packets.
package protocol PacketTap: AnyObject {
  /// The next packet; its bytes are borrowed for the call.
  func packet(_ bytes: Span<UInt8>, _ record: PacketRecord)
}
