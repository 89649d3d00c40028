/// Decompresses another source, straight into the reader's block.
final class DecompressingSource: ByteSource {
  private let compressed: any ByteSource
  private let format: Compression
  private let decompressor: any Decompressor
  private var input: [UInt8]
  private var next = 0
  private var end: Int
  /// Whether the input may end here: every frame or member is complete.
  private var isAtBorder = false
  /// Whether the output was full, so that there may be more without further input.
  private var hasMore = false
  private var failure: InputFailure?

  private static let inputBytes = 128 << 10

  /// A source for `compressed`, of which `start` has already been read. Throws when there is no memory.
  init(_ compressed: any ByteSource, _ format: Compression, start: Span<UInt8>) throws(InputFailure) {
    guard let decompressor = format.makeDecompressor() else {
      throw InputFailure("there is no memory to decompress \(format.rawValue)")
    }
    (self.compressed, self.format, self.decompressor) = (compressed, format, decompressor)
    input = start.toArray()
    end = input.count
    let missing = Self.inputBytes - input.count
    if missing > 0 { input.append(contentsOf: repeatElement(0, count: missing)) }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int {
    if let failure { throw failure }
    do throws(InputFailure) {
      while true {
        if next == end && !hasMore {
          guard try refill() else {
            if isAtBorder { return 0 }
            throw InputFailure("its \(format.rawValue) data ends too early", isCut: true)
          }
        }
        let written = try unsafe step(into: buffer)
        if written > 0 { return written }
      }
    } catch {
      failure = error
      throw error
    }
  }

  private func refill() throws(InputFailure) -> Bool {
    (next, end) = (0, 0)
    var count = 0
    var failed: InputFailure?
    unsafe input.withUnsafeMutableBytes { bytes in
      do throws(InputFailure) { count = try unsafe compressed.read(into: bytes) } catch { failed = error }
    }
    if let failed { throw failed }
    end = count
    return count > 0
  }

  private func step(into buffer: UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int {
    if isAtBorder && next < end && isPadding { return 0 }
    var result = DecompressionStep(taken: 0, written: 0, isAtBorder: false)
    var failed: InputFailure?
    unsafe input.withUnsafeBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[next..<end])
      do throws(InputFailure) { result = try unsafe decompressor.decompress(rest, into: buffer) } catch {
        failed = error
      }
    }
    if let failed { throw failed }
    next += result.taken
    // A step that neither consumed nor wrote anything must not be tried again without further input.
    let isFull = buffer.count == result.written
    hasMore = isFull && !result.isAtBorder || result.isBeforeDamage
    if result.taken == 0 && result.written == 0 && next < end {
      throw InputFailure("its \(format.rawValue) data makes no sense")
    }
    if result.taken > 0 || result.written > 0 { isAtBorder = result.isAtBorder }
    return result.written
  }

  /// Whether the input is zeros, which are skipped: tapes and some copies pad the last member to a block with them.
  private var isPadding: Bool {
    guard input[next] == 0 else { return false }
    while next < end && input[next] == 0 { next += 1 }
    return true
  }
}
