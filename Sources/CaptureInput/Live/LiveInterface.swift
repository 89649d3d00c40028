import CPcap
import Glibc

/// An interface that can be captured, as libpcap lists it.
public struct LiveInterface: Sendable {
  /// What `-i` takes.
  public var name: String
  /// The system's description of it.
  public var description: String?
  /// `up`, `running`, `loopback` and so on.
  public var state: [String]
  /// Its IPv4 and IPv6 addresses.
  public var addresses: [String]

  /// All interfaces, in libpcap's order. Throws when they cannot be listed.
  public static func all() throws(CaptureError) -> [LiveInterface] {
    var list: UnsafeMutablePointer<pcap_if_t>?
    var why: String?
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PCAP_ERRBUF_SIZE)) { text in
      unsafe text.initialize(repeating: 0)
      let status = unsafe pcap_findalldevs(&list, text.baseAddress)
      if status != 0, let message = text.baseAddress { why = unsafe String(cString: message) }
    }
    if let why { throw CaptureError("the interfaces cannot be listed: \(why)") }
    defer { unsafe pcap_freealldevs(list) }
    var interfaces: [LiveInterface] = []
    var next = unsafe list
    while let item = unsafe next {
      unsafe interfaces.append(LiveInterface(item.pointee))
      unsafe next = item.pointee.next
    }
    return interfaces
  }

  private init(_ item: pcap_if_t) {
    unsafe name = String(cString: item.name)
    description = unsafe item.description.map { unsafe String(cString: $0) }
    state = Self.states(unsafe item.flags)
    var addresses: [String] = []
    var next = unsafe item.addresses
    while let entry = unsafe next {
      if let address = unsafe entry.pointee.addr, let text = unsafe Self.text(of: address) {
        addresses.append(text)
      }
      unsafe next = entry.pointee.next
    }
    self.addresses = addresses
  }

  private static func states(_ flags: UInt32) -> [String] {
    var states: [String] = [flags & 2 != 0 ? "up" : "down"]
    if flags & 4 != 0 { states.append("running") }
    if flags & 1 != 0 { states.append("loopback") }
    if flags & 8 != 0 { states.append("wireless") }
    switch flags & 0x30 {
    case 0x10: states.append("connected")
    case 0x20: states.append("disconnected")
    default: break
    }
    return states
  }

  private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
    let length: socklen_t
    switch Int32(unsafe address.pointee.sa_family) {
    case AF_INET: length = socklen_t(MemoryLayout<sockaddr_in>.size)
    case AF_INET6: length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    default: return nil
    }
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
      let status = unsafe getnameinfo(
        address, length, text.baseAddress, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      guard status == 0, let start = text.baseAddress else { return nil }
      return unsafe String(cString: start)
    }
  }
}
