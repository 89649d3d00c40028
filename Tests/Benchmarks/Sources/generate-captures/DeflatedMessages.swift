import CZlib

/// The small JSON messages again, compressed with permessage-deflate and context takeover on both sides.
struct DeflatedMessages: MessageContent {
  static let extensions: String? = "permessage-deflate"
  static let messagesPerConnection = 50...350
  static let isFullDuplex = false

  private let deflaters = PerSide(client: MessageDeflater(), server: MessageDeflater())
  private var message: [UInt8] = []
  private var sequenceNumber = 0

  init() {}

  mutating func write(from side: Side, to bytes: inout [UInt8], in capture: inout Capture) -> Int {
    sequenceNumber += 1
    message.removeAll(keepingCapacity: true)
    appendSmallJSON(from: side, sequenceNumber: sequenceNumber, to: &message, random: &capture.random)
    capture.counts.sides[side].messageBytes += message.count
    let compressed = deflaters[side].compress(message)
    appendFrame(.text, compressed, from: side, isCompressed: true, to: &bytes, in: &capture)
    return 1
  }
}

/// One direction's compressor. A class, because zlib's stream must not move and must be freed.
@safe private final class MessageDeflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 4096)

  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    precondition(unsafe deflate_init_raw(stream) == Z_OK)
  }

  /// RFC 7692 §7.2.1: flushed to a byte boundary, less the empty block's last four bytes.
  func compress(_ message: [UInt8]) -> ArraySlice<UInt8> {
    var message = message
    let capacity = output.count
    let free = unsafe message.withUnsafeMutableBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        unsafe stream.pointee.next_in = input.baseAddress
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        precondition(unsafe deflate(stream, Z_SYNC_FLUSH) == Z_OK)
        return unsafe Int(stream.pointee.avail_out)
      }
    }
    precondition(free > 0, "a small message fits")
    return output[..<(capacity - free - 4)]
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }
}
