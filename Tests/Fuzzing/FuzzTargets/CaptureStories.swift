import CaptureInput
import Glibc
import Output
import Pipeline
import Sessions

/// One capture, told in every way that the tool has: whatever was asked for, and however the work is divided, the story is the same.
func requireOneStory(_ path: String) throws {
  let everything = EventNeeds(payloadBytes: 1 << 16, controlBytes: 125)
  let plain = Storyteller(everything)
  do { try tell(path, to: plain) } catch is CaptureError { return }

  // Packet by packet, with a thread that reads ahead, and with one that writes.
  let stepwise = Storyteller(everything)
  var run = try CaptureRun(path: path, sink: stepwise)
  while run.advance() {}
  _ = run.finish()
  try requireSame(plain.lines, stepwise.lines, "reading ahead")
  let written = Storyteller(everything)
  try CaptureAnalysis.run(path: path, sink: WriteBehind(written))
  try requireSame(plain.lines, written.lines, "writing on another thread")

  // What else is asked for changes nothing.
  var more = everything
  (more.frames, more.transport) = (true, .all)
  let detailed = Storyteller(more)
  try tell(path, to: detailed)
  try requireSame(plain.lines, detailed.lines, "with frames and what TCP did")
  let unread = Storyteller(everything, tellsPayloads: false)
  try tell(path, to: unread)
  let short = Storyteller(EventNeeds(payloadBytes: 0, controlBytes: 0), tellsPayloads: false)
  try tell(path, to: short)
  try requireSame(unread.lines, short.lines, "without payloads")
  let totals = Storyteller(.totals)
  try tell(path, to: totals)
  try requireSame(ends(unread), ends(totals), "totals")

  // With the last copy of what was sent twice it may be another story, which is told to its end.
  var options = AnalysisOptions()
  options.reassembly.overlap = .last
  let last = Storyteller(everything)
  try tell(path, options, to: last)
  try requireAllEnd(last, as: plain)

  // Little memory: less is told, but every session that began ends, and what is told comes in order.
  var small = AnalysisOptions()
  small.memory = 64 << 10
  (small.reassembly.connections, small.reassembly.pendingPerDirection) = (2, 2000)
  (small.reassembly.pendingSegments, small.reassembly.remembered) = (4, 1)
  (small.inflatedBytes, small.midstreamBytes) = (1000, 4000)
  let limited = Storyteller(EventNeeds(payloadBytes: 100, controlBytes: 10))
  try tell(path, small, to: limited)
  try requireAllEnd(limited, as: plain)
}

/// Every session that began ends, and as many packets are read as otherwise.
private func requireAllEnd(_ story: Storyteller, as plain: Storyteller) throws {
  let opened = story.lines.count { $0.contains(" opens in ") }
  let closed = story.lines.count { $0.contains(" closed in ") }
  try require(opened == closed, "\(opened) sessions open and \(closed) close")
  try require(story.summary?.packets == plain.summary?.packets, "other packets are read")
}

private func tell(_ path: String, _ options: AnalysisOptions = AnalysisOptions(), to sink: Storyteller) throws
{
  try CaptureAnalysis.run(path: path, options: options, sink: sink)
}

/// Where sessions ended, and what was counted in them. Why they ended, totals do not tell.
private func ends(_ story: Storyteller) -> [String] {
  story.lines.filter { $0.contains(" closed in ") || $0.hasPrefix("  ") }
    .map { line in line.firstRange(of: " by ").map { String(line[..<$0.lowerBound]) } ?? line }
}
