import CaptureInput
import WireBytes

/// From `packet` on packets are those of another file, until the next such event.
public struct InputChange: Sendable {
  /// As the input is named.
  public var file: InputName
  /// The number of its packet at hand among those of all inputs.
  public var packet: UInt64
  /// The number of that packet in the file.
  public var filePacket: UInt64
  /// When it was captured.
  public var time: CaptureTime

  /// A change from its parts.
  package init(file: InputName, packet: UInt64, filePacket: UInt64, time: CaptureTime) {
    (self.file, self.packet, self.filePacket, self.time) = (file, packet, filePacket, time)
  }
}
