import CaptureInput
import WireBytes

/// A capture of any format, packed or not: read whole and in pieces, it has the same packets and ends the same way.
func fuzzSavefile(_ input: [UInt8]) throws {
  let whole = try lines(of: input, inPieces: false)
  try requireSame(whole, try lines(of: input, inPieces: true), "whole and in pieces")
}

private func lines(of input: [UInt8], inPieces: Bool) throws -> [String] {
  var lines: [String] = []
  var reader: SavefileReader
  do {
    reader = try SavefileReader(PieceSource(input, inPieces: inPieces), name: "input")
  } catch {
    try require(!error.description.isEmpty, "an error without words")
    return [error.description]
  }
  do {
    while try reader.advance() {
      let (record, bytes) = (reader.record, reader.bytes)
      try require(record.number == UInt64(lines.count) + 1, "packet \(record.number) behind \(lines.count)")
      lines.append(
        "\(record.time.nanoseconds) \(record.originalLength) \(record.linkType) \(record.interface) "
          + "\(bytes.count) \(checksum(bytes.toArray()))")
      // Unpacking makes much of little.
      if lines.count == 10_000 { break }
    }
  } catch {
    lines.append("\(error)")
  }
  let damage = reader.takeDamage()
  try require(damage.count <= 21 && damage.allSatisfy { !$0.isEmpty }, "\(damage.count) lines about damage")
  lines += damage
  let metadata = reader.metadata
  try require(
    metadata.interfaces.reduce(0) { $0 &+ $1.packets } <= reader.record.number, "more packets than there are")
  lines.append("\(metadata.interfaces) \(metadata.comments) \(metadata.secrets)")
  return lines
}

/// Bytes in memory, given at once or in pieces whose lengths follow from them.
private final class PieceSource: ByteSource {
  private let bytes: [UInt8]
  private var cuts: CutPoints
  private let inPieces: Bool
  private var next = 0

  init(_ bytes: [UInt8], inPieces: Bool) {
    (self.bytes, self.inPieces) = (bytes, inPieces)
    cuts = CutPoints(for: bytes)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let most = min(buffer.count, bytes.count - next)
    let count = inPieces && most > 0 ? min(most, cuts.next(atMost: 100)) : most
    unsafe buffer.copyBytes(from: bytes[next..<next + count])
    next += count
    return count
  }
}
