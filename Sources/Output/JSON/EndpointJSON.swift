import TCPReassembly
import WireBytes

/// The members of an address and port.
enum EndpointJSON {
  static func write(_ end: Endpoint, to json: inout JSONWriter) {
    json.string("ip", end.address.description)
    json.number("port", end.port)
  }
}
