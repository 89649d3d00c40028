import PacketLayers

/// One end of a connection.
public struct Endpoint: Hashable, Sendable {
  /// Its address.
  public var address: IPAddress
  /// Its TCP port.
  public var port: UInt16

  /// An end from its parts.
  @inlinable
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:80`, `[2001:db8::1]:80`
  public var description: String {
    (address.isIPv4 ? address.description : "[\(address.description)]") + ":\(port)"
  }
}
