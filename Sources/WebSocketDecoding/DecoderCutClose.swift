import WireBytes

/// A Close frame of which no more than the start of its header is in the capture.
extension WebSocketDecoder {
  /// A client's Close whose masking key was cut is a Close: its first two bytes say so, and where it ends. What it says is not known.
  /// False, and nothing is changed, if it is something else, or more of the frame is to come.
  @inline(never)
  mutating func endCutClose(_ lost: UInt64, _ output: WebSocketOutput) -> Bool {
    let header = cold.state.partialHeader
    guard side == .client, let payloadBytes = header.maskedCloseBytes else { return false }
    let (captured, whole) = (UInt64(header.count), payloadBytes &+ 6)
    guard lost == whole &- captured else { return false }
    tally.frames &+= 1
    tally.wireBytes &+= captured
    sawClose = true
    state = .awaitingHeader
    output.control(
      ControlFrame(
        side: side, opcode: .close, first: header.start, last: header.start.advanced(by: header.count &- 1),
        bytes: payloadBytes, wireBytes: whole, missingBytes: payloadBytes),
      payload: Span<UInt8>())
    return true
  }
}
