import CaptureInput
import PacketLayers
import TCPReassembly
import Threads
import WebSocketDecoding
import WireBytes

/// Reads a capture and its packets' headers on a thread of its own, some batches ahead of the thread that analyzes
/// them (docs/decisions/0006-one-thread.md).
final class ReadAhead: @unchecked Sendable {
  // @unchecked: `source` and `end` belong to the thread from `init` to `finish`.
  private let queue: BatchQueue<DecodedBatch>
  static let mostAhead = 8 << 20
  private var source: PacketSource?
  private var end: PacketSource.End?
  /// Nil when the system gave none: then batches are filled where they are asked for.
  private var thread: WorkerThread?
  private var hasEnded = false
  private let prescan: SegmentPrescan?

  /// Whether there is a processor for the thread.
  static var isOfUse: Bool { BatchQueue<DecodedBatch>.isOfUse }

  /// Begins to read. `judgesMessages`: payloads are looked at here, as far as they can be, and nobody else wants them.
  init(_ source: consuming PacketSource, seed: HashSeed, judgesMessages: Bool = false) {
    self.source = consume source
    prescan = judgesMessages ? SegmentPrescan() : nil
    queue = BatchQueue(
      (0..<10).map { _ in DecodedBatch(seed: seed) }, mostBytes: Self.mostAhead)
    thread = try? WorkerThread { self.run() }
  }

  // MARK: The thread that analyzes

  /// The next batch; nil when there are no more. `done` is the one before.
  func next(_ done: DecodedBatch?) -> DecodedBatch? {
    thread == nil ? readHere(done) : queue.takeFull(after: done)
  }

  private func readHere(_ done: DecodedBatch?) -> DecodedBatch? {
    guard !hasEnded, var source = source.take(), let batch = done ?? queue.takeEmpty() else { return nil }
    hasEnded = !Self.fill(&batch.packets, &source, prescan)
    self.source = consume source
    return batch
  }

  /// Stops reading, if it goes on, and waits for the thread. Nil when called again.
  func finish() -> PacketSource.End? {
    queue.abandon()
    thread?.join()
    thread = nil
    defer { end = nil }
    if var source = source.take() { return source.finish() }
    return end
  }

  // MARK: The thread that reads

  private func run() {
    guard var source = source.take() else { return }
    var goesOn = true
    while goesOn, let batch = queue.takeEmpty() {
      goesOn = Self.fill(&batch.packets, &source, prescan)
      queue.put(batch, bytes: batch.packets.payloadBytes, isLast: !goesOn)
    }
    end = source.finish()
  }

  /// Payload bytes that wait, once the reader does; for tests.
  var settledBytesAhead: Int? { queue.settledBytesAhead }

  /// False at the end of the input.
  private static func fill(
    _ packets: inout DecodedPackets, _ source: inout PacketSource, _ prescan: SegmentPrescan?
  ) -> Bool {
    packets.clear(after: source.totals)
    // Safe: the caller holds it.
    let uncounted = unsafe UncountedPrescan(prescan)
    defer { (packets.progress, source.totals) = (source.reader.progress, packets.totals) }
    while !packets.isFull {
      guard source.advance() else { return false }
      let record = source.reader.record
      guard source.isSupported else {
        packets.append(unsupported: record)
        continue
      }
      packets.append(
        source.reader.bytes, record.number, record.time, record.originalLength, through: &source.decoder,
        uncounted)
      if !packets.isFull { fillInBlock(&packets, &source.reader, &source.decoder, uncounted) }
    }
    return true
  }

  private static func fillInBlock(
    _ packets: inout DecodedPackets, _ reader: inout CaptureReader, _ decoder: inout PacketDecoder,
    _ prescan: UncountedPrescan
  ) {
    reader.forEachInBlock { bytes, number, time, originalLength in
      packets.append(bytes, number, time, originalLength, through: &decoder, prescan)
      return !packets.isFull
    }
  }
}
