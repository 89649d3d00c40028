import CZlib
import CommandLineSupport

/// How the messages of a kind of capture are compressed.
protocol Deflation {
  /// The windows are 2 to this power.
  static var windowBits: Int32 { get }
  /// What the server agrees to.
  static var parameters: String { get }
  /// A message is made of so many small ones.
  static var parts: ClosedRange<Int> { get }
}

/// permessage-deflate as most servers agree to it.
enum WholeWindow: Deflation {
  static let windowBits: Int32 = 15
  static let parameters = "permessage-deflate"
  static let parts = 1...1
}

/// Windows of 4 KiB: a reader has to look whether a sender keeps to them.
enum SmallWindow: Deflation {
  static let windowBits: Int32 = 12
  static let parameters = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"
  static let parts = 1...1
}

/// The same with messages of 1 to 8 KB, which have codes of their own.
enum SmallWindowLongMessages: Deflation {
  static let windowBits: Int32 = 12
  static let parameters = SmallWindow.parameters
  static let parts = 10...60
}

/// The small JSON messages again, compressed with permessage-deflate and context takeover on both sides.
struct DeflatedMessages<Kind: Deflation>: MessageContent {
  static var extensions: String? { Kind.parameters }
  static var messagesPerConnection: ClosedRange<Int> { 50...350 }
  static var isFullDuplex: Bool { false }

  private let deflaters = PerSide(
    client: MessageDeflater(windowBits: Kind.windowBits), server: MessageDeflater(windowBits: Kind.windowBits)
  )
  private var message: [UInt8] = []
  private var sequenceNumber = 0

  init() {}

  mutating func write(from side: Side, to bytes: inout [UInt8], in capture: inout Capture) -> Int {
    message.removeAll(keepingCapacity: true)
    for _ in 0..<capture.random.within(Kind.parts) {
      sequenceNumber += 1
      var part: [UInt8] = []
      appendSmallJSON(from: side, sequenceNumber: sequenceNumber, to: &part, random: &capture.random)
      message += part
    }
    capture.counts.sides[side].messageBytes += message.count
    let deflater = deflaters[side]
    let compressed = deflater.compress(message)
    capture.noteCompressed(compressed, stream: deflater.identity(in: &capture))
    appendFrame(.text, compressed, from: side, isCompressed: true, to: &bytes, in: &capture)
    return 1
  }
}

/// One direction's compressor. A class, because zlib's stream must not move and must be freed.
@safe private final class MessageDeflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 1 << 16)
  private var number: UInt32?

  init(windowBits: Int32) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    precondition(unsafe deflate_init_raw(stream, windowBits) == Z_OK)
  }

  /// Counted from 0 in the order in which streams begin.
  func identity(in capture: inout Capture) -> UInt32 {
    let known = number ?? capture.nextStream()
    number = known
    return known
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
    precondition(free > 0, "a message fits")
    return output[..<(capacity - free - 4)]
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }
}
