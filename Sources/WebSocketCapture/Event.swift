extension WebSocketCapture {
  /// Something that a capture shows.
  ///
  /// A later version may add cases for what it learns to read: give a `switch` a `default`.
  public enum Event: Sendable {
    /// The answer to an upgrade request was read, or a session was picked up without one.
    indirect case sessionOpened(SessionOpened)
    /// A whole text or binary message: fragments joined, unmasked, inflated.
    case message(Message)
    /// A Ping frame.
    case ping(Ping)
    /// A Pong frame.
    case pong(Pong)
    /// A Close frame.
    case close(Close)
    /// A frame as it stood on the wire; only with `Options.includesFrames`.
    case frame(Frame)
    /// Bytes of a session that the capture does not hold.
    case gap(Gap)
    /// A rule broken, or a thing worth knowing.
    case anomaly(Anomaly)
    /// A session ended, or the capture did while it was open.
    indirect case sessionClosed(SessionClosed)
    /// The last event.
    indirect case captureEnded(CaptureEnded)

    /// The session that the event belongs to; nil for `captureEnded`.
    public var session: UInt64? {
      switch self {
      case .sessionOpened(let event): event.session
      case .message(let event): event.session
      case .ping(let event): event.session
      case .pong(let event): event.session
      case .close(let event): event.session
      case .frame(let event): event.session
      case .gap(let event): event.session
      case .anomaly(let event): event.session
      case .sessionClosed(let event): event.session
      case .captureEnded: nil
      }
    }
  }

  /// Who sent something: the client is the one that asked for the upgrade.
  public enum Side: String, Sendable, Hashable, CaseIterable {
    /// The end that sent the upgrade request.
    case client
    /// The end that answered it.
    case server
  }

  /// A moment as the capture recorded it.
  public struct Time: Sendable, Hashable, Comparable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; negative before.
    public let nanosecondsSince1970: Int64

    /// The earlier moment is the smaller one.
    public static func < (a: Time, b: Time) -> Bool { a.nanosecondsSince1970 < b.nanosecondsSince1970 }
  }

  /// One end of a TCP connection.
  public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 or IPv6 address as text: `10.0.0.1`, `2001:db8::1`.
    public let ip: String
    /// The TCP port.
    public let port: UInt16

    /// `10.0.0.1:80`, `[2001:db8::1]:80`
    public var description: String {
      ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
  }
}
