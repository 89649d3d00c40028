import SessionAnalysis
import WebSocketDecoding

/// The line of a frame: its header.
enum FrameText {
  static func write(_ frame: borrowing Frame, in session: SessionReference, to lines: inout TextLines) {
    let columns = lines.begin(frame.first, session, frame.side)
    let header = frame.header
    let flags = [(header.fin, "FIN"), (header.rsv1, "RSV1"), (header.rsv2, "RSV2"), (header.rsv3, "RSV3")]
      .filter { $0.0 }.map { $0.1 }.joined(separator: " ")
    let mask = header.masked ? "mask " + header.maskingKeyBytes.map { hex($0) }.joined() : "no mask"
    lines.end(
      with:
        "frame  \(header.opcode.name) \(flags)  \(header.headerBytes) + \(header.payloadBytes) B  \(mask)",
      in: .dim, after: columns)
  }

  private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
