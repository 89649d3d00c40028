import WireBytes

/// What is said of a pong that does not repeat its ping.
package enum MistakenPong {
  /// The two payloads compared; the ping is the one in this packet.
  package static func detail(pong: Span<UInt8>, ping: Span<UInt8>, in packet: UInt64) -> String {
    let start = "the ping in packet \(packet) has \(Counted.text(ping.count, "byte")), the pong "
    if pong.count == ping.count { return start + "as many, but others" }
    let more = pong.count - ping.count
    if more > 0, pong.dropping(more).hasSameBytes(as: ping) {
      // A server that took the key for a part of the payload.
      return start + "\(more) before these" + (more == 4 ? ", as many as a masking key has" : "")
    }
    return start + Counted.text(pong.count, "byte")
  }
}
