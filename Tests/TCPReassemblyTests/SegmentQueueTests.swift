import PacketLayers
import TestSupport
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct SegmentQueueTests {
  private struct Sent {
    var segment: TCPSegment
    var payload: [UInt8]
    var packet: UInt64
    var time: CaptureTime
  }

  /// Connections that begin, end and begin again between the same ends, so that what was foreseen is often wrong.
  private static func segments(_ count: Int, _ random: inout SeededRandom) -> [Sent] {
    let (client, server) = (IPAddress(ipv4: 0x0A00_0001), IPAddress(ipv4: 0x0A00_0002))
    var next: [UInt32: UInt32] = [:]
    return (0..<count).map { index in
      let port = UInt16.random(in: 1...8, using: &random)
      let fromClient = Bool.random(using: &random)
      let flags: TCPFlags =
        [.ack, .ack, .ack, .ack, .syn, .rst, [.fin, .ack]].randomElement(using: &random) ?? .ack
      let payload = flags == .ack ? random.bytes(Int.random(in: 0...40, using: &random)) : []
      let side = UInt32(port) * 2 + (fromClient ? 1 : 0)
      let sequence = next[side] ?? UInt32.random(in: .min ... .max, using: &random)
      // Mostly in order.
      let isLate = Int.random(in: 0..<20, using: &random) == 0
      next[side] = sequence &+ UInt32(payload.count)
      var segment = TCPSegment(
        source: fromClient ? client : server, destination: fromClient ? server : client,
        sourcePort: fromClient ? port : 80, destinationPort: fromClient ? 80 : port,
        sequence: isLate ? sequence &- 5 : sequence, acknowledgment: next[side ^ 1] ?? 0, flags: flags)
      segment.window = 1000
      segment.payloadLength = payload.count
      return Sent(
        segment: segment, payload: payload, packet: UInt64(index + 1),
        time: .testStart.advanced(milliseconds: index * 20))
    }
  }

  private static func description(_ recorder: Recorder) -> String {
    let connections = recorder.connections.map { connection in
      // A dictionary has no order.
      let endings = [FlowDirection.fromInitiator, .fromResponder].map { connection.endings[$0] }
      var others = connection
      others.endings = [:]
      return "\(others) \(endings)"
    }
    return "\(recorder.violations) " + connections.joined(separator: "\n")
  }

  @Test(
    "Segments that were read ahead come to the same as segments that come one by one", arguments: [3, 100])
  func same(connections: Int) {
    var random = SeededRandom.fresh()
    for observes in [false, true] {
      let note: Comment = "\(random)"
      let sent = Self.segments(3000, &random)
      var limits = ReassemblyLimits()
      limits.connections = connections
      let (one, ahead) = (Recorder(), Recorder())
      var reassembler = TCPReassembler(limits: limits, observesTransport: observes, seed: 42)
      for item in sent {
        reassembler.receive(
          item.segment, payload: item.payload.span, packet: item.packet, time: item.time, into: one)
      }
      reassembler.finish(packet: 3000, time: .testStart, into: one)
      var second = TCPReassembler(limits: limits, observesTransport: observes, seed: 42)
      // Smaller than what is put in.
      var queue = SegmentQueue(segments: 10, bytes: 16)
      for start in stride(from: 0, to: sent.count, by: 70) {
        queue.removeAll()
        for item in sent[start..<min(sent.count, start + 70)] {
          queue.withNext { $0 = item.segment }
          queue.add(
            item.payload.span, packet: item.packet, time: item.time, seed: second.seed,
            mark: .of(item.payload.span))
        }
        second.receive(queue, into: ahead)
      }
      second.finish(packet: 3000, time: .testStart, into: ahead)
      #expect(one.connections.count > 20, note)
      // Others came late, or in pieces: without their marks.
      #expect(ahead.marked > 50 && ahead.marked < ahead.receivedCalls, note)
      let isSame = Self.description(one) == Self.description(ahead)
      #expect(isSame, note)
    }
  }

  @Test func whatWasPutInIsThere() {
    var random = SeededRandom.fresh()
    let sent = Self.segments(300, &random)
    var queue = SegmentQueue(segments: 1, bytes: 1)
    for round in 0..<3 {
      for item in sent {
        queue.withNext { $0 = item.segment }
        queue.add(item.payload.span, packet: item.packet, time: item.time, seed: HashSeed(1))
      }
      var (index, bytes) = (0, 0)
      queue.forEach { segment, payload, packet, time in
        #expect(segment == sent[index].segment && packet == sent[index].packet && time == sent[index].time)
        #expect(payload.toArray() == sent[index].payload)
        index += 1
        bytes += payload.count
      }
      #expect(index == 300 && queue.count == 300 && queue.payloadBytes == bytes, "\(round)")
      queue.removeAll()
      #expect(queue.count == 0 && queue.payloadBytes == 0)
    }
  }
}
