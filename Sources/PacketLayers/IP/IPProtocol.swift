/// Protocol numbers inside IP that are decoded. https://www.iana.org/assignments/protocol-numbers
enum IPProtocol {
  static let hopByHop: UInt8 = 0
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17
  static let routing: UInt8 = 43
  static let fragment: UInt8 = 44
  static let authentication: UInt8 = 51
  static let destinationOptions: UInt8 = 60
  // Tunnels.
  static let ipv4: UInt8 = 4
  static let ipv6: UInt8 = 41
  static let gre: UInt8 = 47
}
