import CPrefetch
import CaptureInput
import PacketLayers
import StreamReassembly
import WireBytes

/// A packet whose headers were read, and where in its batch the payload of its segment lies.
struct DecodedPacket {
  var segment: TCPSegment
  var lookup: FlowLookup
  var time: CaptureTime
  var number: UInt64
  var originalLength: Int
  var payload: Int
  var outcome: PacketOutcome
  /// It stands in the same packet of the capture as the one before.
  var isPart: Bool
}

/// Packets in a row with their payloads, on their way from one thread to another.
@safe final class DecodedBatch: @unchecked Sendable {
  // @unchecked: a batch has one owner at a time (`ReadAhead`).
  private var packets: UnsafeMutablePointer<DecodedPacket>
  private var capacity = fullCount
  private(set) var count = 0
  private var payloads: UnsafeMutableRawBufferPointer
  /// Of all payloads together.
  private(set) var payloadBytes = 0
  private let seed: HashSeed
  /// How far the reading was when the batch was full.
  var progress: InputProgress?

  /// When a batch is full; what a packet adds beyond that finds room.
  private static let fullCount = 512
  private static let fullBytes = 128 << 10
  private static let payloadRoom = fullBytes + (64 << 10)

  init(seed: HashSeed) {
    self.seed = seed
    unsafe packets = .allocate(capacity: Self.fullCount)
    unsafe payloads = .allocate(byteCount: Self.payloadRoom, alignment: 64)
  }

  deinit {
    // Packets are plain values.
    unsafe packets.deallocate()
    unsafe payloads.deallocate()
  }

  var isFull: Bool { count >= Self.fullCount || payloadBytes >= Self.fullBytes }

  func clear() {
    (count, payloadBytes, progress) = (0, 0, nil)
    guard unsafe payloads.count > 4 * Self.payloadRoom else { return }
    unsafe payloads.deallocate()
    unsafe payloads = .allocate(byteCount: Self.payloadRoom, alignment: 64)
  }

  /// Decodes a packet into the next place.
  @inline(__always)
  func append(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ originalLength: Int,
    through decoder: inout PacketDecoder
  ) {
    let packet = unsafe place(number, time, originalLength)
    let outcome = unsafe decoder.decode(
      bytes, originalLength: originalLength, time: time, into: &packet.pointee.segment)
    unsafe finish(packet, outcome, bytes, &decoder)
    if outcome == .several { appendSeveral(bytes, number, time, &decoder) }
  }

  @inline(never)
  private func appendSeveral(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ decoder: inout PacketDecoder
  ) {
    while true {
      let packet = unsafe place(number, time, 0)
      unsafe packet.pointee.isPart = true
      guard let outcome = unsafe decoder.decodeNext(bytes, time: time, into: &packet.pointee.segment) else {
        return
      }
      unsafe finish(packet, outcome, bytes, &decoder)
    }
  }

  /// Adds a packet of a link type that cannot be decoded.
  func append(unsupported record: PacketRecord) {
    let packet = unsafe place(record.number, record.time, record.originalLength)
    unsafe packet.pointee.outcome = .undecodable(.unsupportedLinkType)
    count &+= 1
  }

  /// Where the next packet is to be written; it does not count before `finish`.
  @inline(__always)
  private func place(
    _ number: UInt64, _ time: CaptureTime, _ originalLength: Int
  ) -> UnsafeMutablePointer<DecodedPacket> {
    if count == capacity { makeRoomForPackets() }
    let packet = unsafe packets + count
    unsafe packet.pointee.time = time
    unsafe packet.pointee.number = number
    unsafe packet.pointee.originalLength = originalLength
    unsafe packet.pointee.payload = payloadBytes
    unsafe packet.pointee.segment.payloadLength = 0
    unsafe packet.pointee.lookup = FlowLookup()
    unsafe packet.pointee.isPart = false
    return unsafe packet
  }

  @inline(__always)
  private func finish(
    _ packet: UnsafeMutablePointer<DecodedPacket>, _ outcome: PacketOutcome, _ bytes: Span<UInt8>,
    _ decoder: inout PacketDecoder
  ) {
    unsafe packet.pointee.outcome = outcome
    count &+= 1
    guard case .segment(let source) = outcome else { return }
    unsafe packet.pointee.lookup = FlowLookup(
      from: packet.pointee.segment.source, packet.pointee.segment.sourcePort,
      to: packet.pointee.segment.destination, packet.pointee.segment.destinationPort, seed: seed)
    guard unsafe packet.pointee.segment.payloadLength > 0 else { return }
    let payload = unsafe packet.pointee.segment.payload
    switch source {
    case .packet: keep(bytes.extracting(payload))
    case .joined: keep(decoder.joinedDatagram.extracting(payload))
    }
  }

  @inline(never)
  private func makeRoomForPackets() {
    let larger = UnsafeMutablePointer<DecodedPacket>.allocate(capacity: capacity * 2)
    unsafe larger.moveInitialize(from: packets, count: count)
    unsafe packets.deallocate()
    unsafe packets = larger
    capacity *= 2
  }

  @inline(__always)
  private func keep(_ bytes: Span<UInt8>) {
    let room = unsafe payloads.count
    if payloadBytes &+ bytes.count > room { makeRoom(bytes.count) }
    unsafe bytes.withUnsafeBytes {
      unsafe payloads.baseAddress.unsafelyUnwrapped.advanced(by: payloadBytes)
        .copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count)
    }
    payloadBytes &+= bytes.count
  }

  @inline(never)
  private func makeRoom(_ added: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: payloadBytes + added, alignment: 64)
    unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: payloads[..<payloadBytes]))
    unsafe payloads.deallocate()
    unsafe payloads = larger
  }

  /// Hands over the packet at `index`, with the payload of its segment.
  @inline(__always)
  func withPacket(_ index: Int, _ body: (borrowing DecodedPacket, Span<UInt8>) -> Void) {
    precondition(index >= 0 && index < count)
    // Safe: `append` wrote as many packets, and where their payloads lie.
    let packet = unsafe packets + index
    let payload = unsafe UnsafeRawBufferPointer(
      start: payloads.baseAddress.unsafelyUnwrapped + packet.pointee.payload,
      count: packet.pointee.segment.payloadLength)
    unsafe body(packet.pointee, Span(_unsafeBytes: payload))
  }

  /// Lets `pipeline` prepare for packets that follow the one at `index`.
  @inline(__always)
  func foresee(from index: Int, _ pipeline: inout PacketPipeline) {
    guard index >= 0 && index &+ 12 < count else { return }
    let packet = unsafe packets + index
    // These lines are in the cache of the processor that wrote them.
    let later = unsafe UnsafeRawPointer(packet + 12)
    unsafe wstap_prefetch(later)
    unsafe wstap_prefetch(later + 64)
    unsafe wstap_prefetch(later + 128)
    let payload = unsafe UnsafeRawPointer(payloads.baseAddress.unsafelyUnwrapped) + packet[3].payload
    unsafe wstap_prefetch(payload)
    unsafe wstap_prefetch(payload + 64)
    unsafe wstap_prefetch(payload + 128)
    unsafe pipeline.foresee((packet + 2).pointee, &(packet + 4).pointee, (packet + 6).pointee)
  }
}
