import PacketLayers
import Pipeline
import Sessions
import TestSupport
import WireBytes

/// Analyzes packets in the order of their times.
package func analyze(
  _ packets: [Packet], _ options: AnalysisOptions = AnalysisOptions(),
  needs: EventNeeds = EventNeeds(payloadBytes: 16 << 20, controlBytes: 16 << 20)
) -> Heard {
  let heard = Heard(needs)
  guard var decoder = try? PacketDecoder(linkType: 1) else { return heard }
  var pipeline = PacketPipeline(options: options, sink: heard)
  let ordered = packets.enumerated().sorted {
    ($0.element.time.nanoseconds, $0.offset) < ($1.element.time.nanoseconds, $1.offset)
  }
  for (index, packet) in ordered.map(\.element).enumerated() {
    pipeline.receive(
      packet.bytes.span, UInt64(index + 1), packet.time, packet.originalLength, through: &decoder)
  }
  _ = pipeline.finish()
  return heard
}
