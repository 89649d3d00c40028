import WireBytes

/// The rules that a frame header can break by itself (RFC 6455 §5, RFC 7692 §6), apart from those about the message that is open
/// and about earlier masking keys.
struct HeaderRules {
  /// Who sends the frames.
  let side: Side
  /// How that side may compress.
  let compression: SideCompression
  /// The side has sent a Close frame before.
  let sawClose: Bool

  /// Calls `report` for each rule that `header` breaks, with what it shows.
  func check(_ header: FrameHeader, _ report: (FramingRule, @autoclosure () -> String) -> Void) {
    if header.masked != (side == .client) {
      if side == .client {
        report(.unmaskedClientFrame, "MASK is 0 in a frame from the client")
      } else {
        report(.maskedServerFrame, "MASK is 1 in a frame from the server")
      }
    }
    let opcode = header.opcode
    if !opcode.isKnown { report(.reservedOpcode, "opcode \(opcode.rawValue)") }
    checkReservedBits(header, report)
    if header.lengthIsNotMinimal {
      report(.nonMinimalLength, "length \(header.payloadBytes) written in \(header.lengthBytes) bytes")
    }
    if opcode.isControl {
      if sawClose && opcode == .close { report(.repeatedClose, "another Close frame") }
      if !header.fin { report(.fragmentedControlFrame, "\(opcode.name) with FIN 0") }
      if header.payloadBytes > 125 {
        report(.longControlFrame, "\(opcode.name) of \(header.payloadBytes) bytes")
      }
    } else if sawClose {
      report(.frameAfterClose, "\(opcode.name) frame after Close")
    }
  }

  private func checkReservedBits(
    _ header: FrameHeader, _ report: (FramingRule, @autoclosure () -> String) -> Void
  ) {
    if header.rsv1 {
      if header.isControl {
        report(.rsv1OnControlFrame, "RSV1 on a \(header.opcode.name) frame")
      } else if !compression.isAllowed {
        report(.rsv1WithoutExtension, "RSV1 set, no compression was negotiated")
      } else if header.opcode == .continuation && !compression.isPerFrame {
        report(.rsv1OnContinuation, "RSV1 on a continuation frame")
      }
    }
    if header.rsv2 || header.rsv3 {
      report(
        .reservedBit,
        header.rsv2 && header.rsv3 ? "RSV2 and RSV3 are set" : header.rsv2 ? "RSV2 is set" : "RSV3 is set")
    }
  }

  /// Whether this may be the header of a frame, as far as it shows. Asked after a Close frame, where bytes of another protocol
  /// may follow.
  func mayBeFrame(_ header: FrameHeader) -> Bool {
    guard header.opcode.isKnown, !header.rsv2, !header.rsv3, header.payloadBytes >> 63 == 0,
      header.masked == (side == .client), !header.rsv1 || (compression.isAllowed && !header.isControl)
    else { return false }
    return !header.isControl || (header.fin && header.payloadBytes <= 125)
  }

  /// A length with its top bit set is read as if the bit were 0 if it is at most this: then the rest of it is a length,
  /// and not arbitrary bytes.
  static let readableTopBitLength: UInt64 = 1 << 20
}
