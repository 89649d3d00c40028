enum Opcode: UInt8 {
  case continuation = 0
  case text = 1
  case binary = 2
  case close = 8
  case ping = 9
  case pong = 10
}

/// Appends one frame (RFC 6455 §5.2), masked when it comes from the client.
func appendFrame(
  _ opcode: Opcode, _ payload: ArraySlice<UInt8>, from side: Side, isFinal: Bool = true,
  isCompressed: Bool = false,
  to bytes: inout [UInt8], in capture: inout Capture
) {
  bytes.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
  appendLength(payload.count, isMasked: side == .client, to: &bytes)
  if side == .client {
    let mask = UInt32(truncatingIfNeeded: capture.random.next())
    appendBigEndian(mask, to: &bytes)
    let start = bytes.count
    bytes.append(contentsOf: payload)
    applyMask(mask, to: &bytes, from: start)
  } else {
    bytes.append(contentsOf: payload)
  }

  capture.counts.sides[side].frames += 1
  switch opcode {
  case .ping: capture.counts.sides[side].pings += 1
  case .pong: capture.counts.sides[side].pongs += 1
  case .close: capture.counts.sides[side].closes += 1
  case .continuation, .text, .binary: break
  }
}

private func appendLength(_ length: Int, isMasked: Bool, to bytes: inout [UInt8]) {
  let maskBit: UInt8 = isMasked ? 0x80 : 0
  switch length {
  case ..<126:
    bytes.append(maskBit | UInt8(length))
  case ..<65_536:
    bytes.append(maskBit | 126)
    appendBigEndian(UInt16(length), to: &bytes)
  default:
    bytes.append(maskBit | 127)
    appendBigEndian(UInt64(length), to: &bytes)
  }
}

private func applyMask(_ mask: UInt32, to bytes: inout [UInt8], from start: Int) {
  let pattern = UInt64(mask.bigEndian) << 32 | UInt64(mask.bigEndian)
  var offset = start
  while offset + 8 <= bytes.count {
    bytes.store(bytes.span.word(at: offset) ^ pattern, at: offset)
    offset += 8
  }
  for position in offset..<bytes.count {
    bytes[position] ^= UInt8(truncatingIfNeeded: pattern >> UInt64((position - offset) * 8))
  }
}
