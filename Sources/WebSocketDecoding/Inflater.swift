import CZlib
import WireBytes

/// The DEFLATE stream of one direction (RFC 7692 §7.2.2), through zlib.
///
/// Made when the first compressed message comes: a stream and its window take about 48 KiB.
@safe final class Inflater {
  // While zlib runs, only the output goes anywhere else: checks for exclusive access would take as long as a tenth of it.
  @exclusivity(unchecked) private var stream = unsafe z_stream()
  private let usable: Bool
  /// The bytes so far ended with a block that has BFINAL set.
  private(set) var isAtStreamEnd = false

  /// A stream with an empty window. 15 bits read whatever smaller window was negotiated.
  init() {
    usable = unsafe wstap_inflate_init2(&stream, -15) == Z_OK
  }

  deinit { if usable { unsafe inflateEnd(&stream) } }

  /// Compressed bytes begin at a byte, of a sender whose window is 2 to the power of `windowBits`.
  func beginUnit(windowBits: Int) {
    scansBlocks = windowBits < 15
    guard scansBlocks else { return }
    if unsafe scanner.limit != 1 << windowBits { unsafe scanner = DistanceScanner(windowBits: windowBits) }
    unsafe scanner.startMessage()
  }

  /// The largest distance of the blocks since then that may refer beyond the window; 0 where there are none.
  var farthestDistance: Int { scansBlocks ? unsafe scanner.farthest : 0 }

  private var scansBlocks = false
  @exclusivity(unchecked) private var scanner = DistanceScanner(windowBits: 0)

  /// What `inflate` returns when the bytes refer to output that the window does not hold.
  static let refersTooFarBack = "invalid distance too far back"
  /// Why a message is not shown inflated whose stream goes on.
  static let refersToUnknown = "it refers to earlier messages that are not known"

  /// Forgets the window: what comes next may not refer to anything before.
  func forgetContext() {
    (doubt, reach) = (nil, 0)
    if usable { unsafe inflateReset(&stream) }
  }

  /// The sender's window holds output that is not known here: what refers to it cannot be known either, all else can.
  func loseWindow() {
    guard usable else { return }
    let doubt = doubt ?? WindowInDoubt()
    self.doubt = doubt
    reach = UInt64(WindowInDoubt.windowBytes)
    unsafe WindowInDoubt.fill(&stream, with: 0)
    doubt.begin()
  }

  /// Output of earlier messages is missing in the window.
  var isInDoubt: Bool { doubt != nil }
  /// What the message at hand refers to was not all known. Asked once a message, when it has ended.
  func takeRefersToUnknown() -> Bool {
    guard let doubt else { return false }
    let refers = doubt.takeSawUnknown()
    if doubt.isOver { self.doubt = nil }
    return refers
  }

  private var doubt: WindowInDoubt?
  /// Output that there is to refer to.
  private var reach: UInt64 = 0

  /// Inflates `bytes`, handing each block of output to `take`. Returns nil when all is well, otherwise why
  /// the bytes are not a DEFLATE stream that follows what came before. `second` is as large as `block`.
  func inflate(
    _ bytes: Span<UInt8>, through block: UnsafeMutableRawBufferPointer,
    second: UnsafeMutableRawBufferPointer, take: (Span<UInt8>) -> Bool
  ) -> String? {
    guard usable else { return "zlib could not start a stream" }
    isAtStreamEnd = false
    if !scansBlocks {
      return unsafe bytes.withUnsafeBufferPointer { input in
        unsafe inflate(input, through: block, second: second, take: take)
      }
    }
    return unsafe inflateScanning(bytes, through: block, second: second, take: take)
  }

  /// The bytes so far end where a block ends. zlib tells in `data_type`: 128 right after a block, plus the bits
  /// of the last byte that are not used.
  var isBetweenBlocks: Bool { unsafe stream.data_type & 0xFF == 128 }

  private func inflate(
    _ input: UnsafeBufferPointer<UInt8>, through block: UnsafeMutableRawBufferPointer,
    second: UnsafeMutableRawBufferPointer, take: (Span<UInt8>) -> Bool
  ) -> String? {
    if let doubt { unsafe doubt.offer(input) }
    // zlib reads only; its type for the input is not const for historical reasons.
    unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    unsafe stream.avail_in = UInt32(input.count)
    while true {
      unsafe stream.next_out = block.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = UInt32(block.count)
      let status = unsafe CZlib.inflate(&stream, Z_SYNC_FLUSH)
      let produced = unsafe block.count - Int(stream.avail_out)
      let output = unsafe UnsafeRawBufferPointer(rebasing: block[..<produced])
      if let doubt { unsafe doubt.compare(output, through: second) }
      if produced > 0 {
        if !take(unsafe Span(_unsafeBytes: output)) { return "the output is beyond every limit" }
      }
      switch status {
      case Z_OK, Z_BUF_ERROR:
        // With room left in the output, zlib has taken all the input there is.
        if unsafe stream.avail_out > 0 { return nil }
      case Z_STREAM_END:
        // A block with BFINAL ends zlib's stream, not the direction's (RFC 7692 §7.2.3.4): go on with the
        // same window.
        keepWindowAcrossStreamEnd()
        if unsafe stream.avail_in == 0 {
          isAtStreamEnd = true
          return nil
        }
      default:
        return unsafe stream.msg.map { unsafe String(cString: $0) } ?? "zlib error \(status)"
      }
    }
  }

  /// The same block by block: zlib says where each ends, so that the scanner need not read those that cannot refer too far.
  private func inflateScanning(
    _ bytes: Span<UInt8>, through block: UnsafeMutableRawBufferPointer,
    second: UnsafeMutableRawBufferPointer, take: (Span<UInt8>) -> Bool
  ) -> String? {
    var scanned = 0
    return unsafe bytes.withUnsafeBufferPointer { input in
      if let doubt { unsafe doubt.offer(input) }
      unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.avail_in = UInt32(input.count)
      while true {
        unsafe stream.next_out = block.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.avail_out = UInt32(block.count)
        let status = unsafe CZlib.inflate(&stream, Z_BLOCK)
        let produced = unsafe block.count - Int(stream.avail_out)
        let output = unsafe UnsafeRawBufferPointer(rebasing: block[..<produced])
        if let doubt { unsafe doubt.compare(output, through: second) }
        let taken = unsafe input.count - Int(stream.avail_in)
        let isAtBoundary = unsafe stream.data_type & 128 != 0 && status == Z_OK
        reach &+= UInt64(produced)
        let isShort = unsafe reach <= UInt64(scanner.limit)
        // Of a block that ended here, and had no more than the window before it, nothing can be beyond.
        if !(isAtBoundary && isShort) { unsafe scanner.receive(bytes.extracting(scanned..<taken)) }
        scanned = taken
        if produced > 0, !take(unsafe Span(_unsafeBytes: output)) {
          return "the output is beyond every limit"
        }
        switch status {
        case Z_OK where isAtBoundary:
          if taken > 0 { unsafe scanner.startBlock(Int(stream.data_type & 63), of: bytes[taken - 1]) }
          // Behind the last block zlib has to be asked once more to end the stream.
          if unsafe stream.avail_in == 0 && stream.data_type & 64 == 0 { return nil }
        case Z_OK, Z_BUF_ERROR:
          if unsafe stream.avail_out > 0 && stream.avail_in == 0 { return nil }
          // Neither input nor output is wanting: it would be asked for ever.
          if status == Z_BUF_ERROR { return nil }
        case Z_STREAM_END:
          keepWindowAcrossStreamEnd()
          unsafe scanner.startUnit()
          if unsafe stream.avail_in == 0 {
            isAtStreamEnd = true
            return nil
          }
        default:
          return unsafe stream.msg.map { unsafe String(cString: $0) } ?? "zlib error \(status)"
        }
      }
    }
  }

  private func keepWindowAcrossStreamEnd() {
    unsafe WindowInDoubt.restart(&stream)
    doubt?.restart()
  }
}
