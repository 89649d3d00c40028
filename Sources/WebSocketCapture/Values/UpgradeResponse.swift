internal import HTTP1
internal import Sessions

/// The response to an upgrade request.
public struct UpgradeResponse: Sendable, Hashable {
  /// When its head was complete.
  public let time: PacketTime
  /// The packet that completed its head.
  public let packet: UInt64
  /// The status code: 101 when the upgrade was accepted.
  public let status: Int
  /// `Switching Protocols`
  public let reason: String
  /// Whether the rest of the head is missing from the capture: there may be more fields.
  public let isCut: Bool
  /// All fields in the order in which they were sent.
  public let headers: [HeaderField]
}

extension UpgradeResponse {
  init(_ head: HTTPHead, in event: SessionOpen) {
    (time, packet) = (PacketTime(head.end.time), head.end.packet)
    (status, reason, isCut) = (head.status, event.reason(of: head), head.isCut)
    headers = [HeaderField](head, in: event)
  }
}
