internal import HTTP1
internal import Sessions

/// The upgrade request.
public struct UpgradeRequest: Sendable, Hashable {
  /// When its first byte was captured.
  public let time: PacketTime
  /// The packet of its first byte.
  public let packet: UInt64
  /// `GET`
  public let method: String
  /// The request target, with secrets redacted unless they were asked for: `/chat?room=1`
  public let target: String
  /// The version of HTTP: `1.1`; nil if the request line was cut before it.
  public let httpVersion: String?
  /// Whether the rest of the head is missing from the capture: the target may be longer, and there may be more fields.
  public let isCut: Bool
  /// All fields in the order in which they were sent.
  public let headers: [HeaderField]
}

extension UpgradeRequest {
  init(_ head: HTTPHead, in event: SessionOpen) {
    (time, packet) = (PacketTime(head.start.time), head.start.packet)
    (method, target, httpVersion) = (head.method, event.target(of: head), head.version)
    isCut = head.isCut
    headers = [HeaderField](head, in: event)
  }
}
