import Preambles
import WireBytes

/// Both sides of a connection that may begin with a preamble. Two bytes a step: whose it is (bit 0) and whether a gap ends
/// all (bits 1 to 5 set), and how many bytes of the input it takes.
///
/// How the bytes are cut makes no difference, and all that is not of the preamble is handed over.
func fuzzPreambles(_ input: [UInt8]) throws {
  // What waits has a limit that counts pieces, too: there the cuts would matter.
  guard input.count <= 3000 else { return }
  var script = FuzzInput(input)
  var steps: [(side: Side, bytes: [UInt8])] = []
  var isCut = false
  while !script.isAtEnd {
    let (kind, length) = (script.byte(), script.byte())
    if kind >> 1 & 31 == 31 { isCut = true }
    let bytes = script.take(Int(length))
    // Nobody is told of no bytes.
    if !bytes.isEmpty { steps.append((kind & 1 == 0 ? .client : .server, bytes)) }
    if isCut { break }
  }
  var cuts = CutPoints(for: input)
  let whole = try run(steps, isCut: isCut) { [$0.count] }
  let cut = try run(steps, isCut: isCut) { bytes in
    var (pieces, sum) = ([Int](), 0)
    while sum < bytes.count {
      pieces.append(min(cuts.next(atMost: 9), bytes.count - sum))
      sum += pieces.last ?? 0
    }
    return pieces
  }
  try require(whole == cut, "cut otherwise: \(whole) and \(cut)")
}

private struct PreambleOutcome: Equatable {
  var outcome = "undecided"
  /// What follows the preamble, as far as it came.
  var rest: [[UInt8]] = [[], []]
}

private func run(
  _ steps: [(side: Side, bytes: [UInt8])], isCut: Bool, _ cut: ([UInt8]) -> [Int]
) throws -> PreambleOutcome {
  let reader = PreambleReader()
  var outcome = PreambleOutcome()
  var (offsets, hasEnded): ([UInt64], Bool) = ([0, 0], false)
  func end(_ step: PreambleReader.Step) throws {
    guard case .ended(let end) = step else { return }
    hasEnded = true
    switch end.outcome {
    case .read(let preamble): outcome.outcome = "\(preamble)"
    case .refused(let preamble): outcome.outcome = "refused \(preamble)"
    // What is known of the start by then depends on the cuts.
    case .other: outcome.outcome = "other"
    }
    for piece in end.replay.pieces { outcome.rest[Int(piece.side.rawValue)] += piece.bytes ?? [] }
  }
  for (number, step) in steps.enumerated() {
    let index = Int(step.side.rawValue)
    var rest = step.bytes[...]
    for length in cut(step.bytes) {
      let piece = Array(rest.prefix(length))
      rest = rest.dropFirst(length)
      let position = StreamPosition(
        offset: offsets[index], packet: UInt64(number), time: CaptureTime(nanoseconds: 0))
      offsets[index] += UInt64(piece.count)
      if hasEnded {
        outcome.rest[index] += piece
      } else {
        try end(reader.receive(piece.span, from: step.side, at: position))
        try require(reader.cost <= 80 << 10, "it holds \(reader.cost) bytes")
      }
    }
  }
  if isCut, !hasEnded {
    let position = StreamPosition(offset: offsets[0], packet: 0, time: CaptureTime(nanoseconds: 0))
    try end(reader.skip(1, from: .client, at: position))
  }
  return outcome
}
