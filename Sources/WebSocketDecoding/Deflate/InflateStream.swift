/// Inflates a DEFLATE stream (RFC 1951) that comes in any pieces, and tells how far back it refers.
///
/// It is not zlib, because zlib does not tell whether a sender keeps to the window that was agreed on, and finding that out
/// beside zlib took as long as zlib itself (docs/decisions/0009-inflating.md). It accepts and refuses what zlib accepts and
/// refuses: the tests and the fuzzer compare them.
struct InflateStream: ~Copyable {
  private var history = InflateHistory()
  /// Where the output of the last call begins in the history.
  private var start = 0
  private var reader = BitReader()
  private var state = State.blockHeader
  private var isFinalBlock = false
  private var storedLeft = 0
  /// The current block uses the fixed codes (§3.2.6).
  private var isFixed = false
  /// The codes of the current block if it brings its own; outside of such blocks, codes to fill that were lent or are left.
  private var dynamic: DynamicCodes?
  private var fault: InflateFault?

  /// The window that the sender agreed to use, in bytes.
  var agreedWindow = InflateHistory.windowBytes
  /// The largest distance beyond the agreed window since this was set to 0.
  var farthest = 0

  private enum State: UInt8 {
    case blockHeader
    /// As `blockHeader`, after the last block of a stream: another stream begins.
    case streamEnd
    case storedHeader
    case stored
    case dynamicHeader
    case symbols
    case broken
  }

  /// Why a call of `inflate` returned.
  enum Progress {
    /// All input was taken.
    case needsInput
    /// The output has no more room: call again with the same input once the output was used.
    case hasMoreOutput
    case failed(InflateFault)
  }

  /// Starts over without a window.
  mutating func reset() {
    history.clear()
    restart()
  }

  /// Starts over with a window that is filled with one byte.
  mutating func reset(windowFullOf byte: UInt8) {
    history.fill(with: byte)
    restart()
  }

  private mutating func restart() {
    (start, state, fault) = (history.count, .blockHeader, nil)
    (reader.bits, reader.count) = (0, 0)
  }

  /// Takes `spare`, unless the stream has codes.
  mutating func borrow(_ spare: inout DynamicCodes?) {
    if dynamic == nil { swap(&dynamic, &spare) }
  }

  /// Gives the codes to `spare`, unless the current block needs them. Between messages none does, and codes are seven kilobytes:
  /// one object that all streams share stays in the cache.
  mutating func giveBack(_ spare: inout DynamicCodes?) {
    guard state != .dynamicHeader, state != .symbols || isFixed else { return }
    if spare == nil { swap(&dynamic, &spare) } else { dynamic = nil }
  }

  /// The bytes so far end with the last block of a stream; the next ones begin another stream, with the same window.
  var isAtStreamEnd: Bool { state == .streamEnd && reader.count == 0 }
  /// The bytes so far end with the end of a block.
  var isBetweenBlocks: Bool { state == .blockHeader && reader.count == 0 }

  /// A message may end with the bytes so far (RFC 7692 §7.2.1): with a block, a stream, or an empty block whose length was removed.
  var mayEndMessage: Bool {
    reader.count == 0
      && (state == .blockHeader || state == .streamEnd || state == .storedHeader && !isFinalBlock)
  }

  /// Takes `00 00 FF FF` as `inflate` would if these bytes end an empty stored block that has just begun: there is no output then. Returns
  /// false, and does nothing, otherwise.
  mutating func takeEmptyBlock() -> Bool {
    guard state == .storedHeader, reader.count == 0, !isFinalBlock else { return false }
    state = .blockHeader
    return true
  }

  /// The output of the last call of `inflate`. Valid until the next one.
  var output: UnsafeRawBufferPointer {
    guard let base = unsafe history.base else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeRawBufferPointer(start: base + start, count: history.count - start)
  }

  /// Inflates `input` from `index` as far as there is room. How much a call brings depends on the stream, not on the bytes in
  /// the window.
  mutating func inflate(_ input: UnsafeRawBufferPointer, from index: inout Int) -> Progress {
    history.makeRoom()
    start = history.count
    reader.index = index
    let progress = unsafe readBlocks(input)
    reader.cut()
    index = reader.index
    return progress
  }

  private mutating func readBlocks(_ input: UnsafeRawBufferPointer) -> Progress {
    while true {
      let step: InflateStep
      switch state {
      case .blockHeader, .streamEnd: step = unsafe blockHeader(input)
      case .storedHeader: step = unsafe storedHeader(input)
      case .stored: step = unsafe stored(input)
      case .dynamicHeader: step = unsafe dynamicHeader(input)
      case .symbols: step = unsafe symbols(input)
      case .broken: step = .failed(fault ?? .blockType)
      }
      switch step {
      case .done: continue
      case .needsInput: return .needsInput
      case .isFull: return .hasMoreOutput
      case .failed(let fault):
        (state, self.fault) = (.broken, fault)
        return .failed(fault)
      }
    }
  }

  /// §3.2.3: BFINAL, BTYPE.
  private mutating func blockHeader(_ input: UnsafeRawBufferPointer) -> InflateStep {
    unsafe reader.fill(input)
    guard reader.count >= 3 else { return .needsInput }
    isFinalBlock = reader.low(1) == 1
    let type = reader.low(3) >> 1
    reader.take(3)
    switch type {
    case 0:
      reader.take(reader.count & 7)
      state = .storedHeader
    case 1: (isFixed, state) = (true, .symbols)
    case 2:
      isFixed = false
      if dynamic == nil { dynamic = DynamicCodes() }
      dynamic?.begin()
      state = .dynamicHeader
    default: return .failed(.blockType)
    }
    return .done
  }

  private mutating func endBlock() {
    // After the last block of a stream the next stream begins at a byte boundary.
    if isFinalBlock { reader.take(reader.count & 7) }
    state = isFinalBlock ? .streamEnd : .blockHeader
  }

  /// §3.2.4: LEN, NLEN.
  private mutating func storedHeader(_ input: UnsafeRawBufferPointer) -> InflateStep {
    unsafe reader.fill(input)
    guard reader.count >= 32 else { return .needsInput }
    storedLeft = reader.low(16)
    guard storedLeft == ~(reader.low(32) >> 16) & 0xFFFF else { return .failed(.storedLengths) }
    reader.take(32)
    state = .stored
    return .done
  }

  private mutating func stored(_ input: UnsafeRawBufferPointer) -> InflateStep {
    guard let base = unsafe history.base else { return .isFull }
    // A stored block begins at a byte boundary, so the bits held are whole bytes.
    while storedLeft > 0, reader.count >= 8, history.count < history.capacity {
      unsafe base[history.count] = UInt8(truncatingIfNeeded: reader.bits)
      history.count &+= 1
      reader.take(8)
      storedLeft &-= 1
    }
    if storedLeft > 0, reader.count == 0 {
      reader.cut()
      let count = min(storedLeft, input.count - reader.index, history.capacity - history.count)
      if count > 0, let source = input.baseAddress {
        unsafe UnsafeMutableRawPointer(base + history.count).copyMemory(
          from: source + reader.index, byteCount: count)
      }
      history.count &+= count
      reader.index &+= count
      storedLeft &-= count
    }
    if storedLeft == 0 {
      endBlock()
      return .done
    }
    return history.count == history.capacity ? .isFull : .needsInput
  }

  private mutating func dynamicHeader(_ input: UnsafeRawBufferPointer) -> InflateStep {
    let step = unsafe dynamic?.readHeader(&reader, input) ?? .failed(.blockType)
    if case .done = step { state = .symbols }
    return step
  }

  private mutating func symbols(_ input: UnsafeRawBufferPointer) -> InflateStep {
    let step: InflateStep
    if isFixed {
      step = unsafe symbols(input, FixedCodes.literals, FixedCodes.distances)
    } else if let dynamic {
      step = unsafe symbols(input, dynamic.literals, dynamic.distances)
    } else {
      return .failed(.blockType)
    }
    if case .done = step { endBlock() }
    return step
  }

  /// §3.2.5: literal bytes, and lengths with their distances, up to the end of the block. Measured hot: everything that changes is in
  /// local variables, and one turn of the loop writes at most `InflateHistory.margin` bytes.
  private mutating func symbols(
    _ input: UnsafeRawBufferPointer, _ literals: borrowing HuffmanTable, _ distances: borrowing HuffmanTable
  ) -> InflateStep {
    guard let output = unsafe history.base else { return .isFull }
    let (literalEntries, distanceEntries) = unsafe (literals.entries, distances.entries)
    let (agreedWindow, full) = (self.agreedWindow, history.capacity &- InflateHistory.margin)
    var (reader, end) = (self.reader, history.count)
    defer { (self.reader, history.count) = (reader, end) }

    while true {
      if end > full { return .isFull }
      unsafe reader.fill(input)
      var entry = unsafe literalEntries[Int(truncatingIfNeeded: reader.bits & HuffmanTable.literalMask)]
      // Three codes from the table and the extra bits of the last one fit in 56 bits, except for rare ones: those begin the next turn.
      for _ in 0..<2 where entry & HuffmanEntry.literal != 0 && HuffmanEntry.bits(entry) <= reader.count {
        unsafe output[end] = UInt8(truncatingIfNeeded: entry &>> 16)
        end &+= 1
        reader.take(HuffmanEntry.bits(entry))
        entry = unsafe literalEntries[Int(truncatingIfNeeded: reader.bits & HuffmanTable.literalMask)]
      }
      if entry == HuffmanEntry.longer {
        entry = literals.longEntry(reader.bits, reader.count) ?? HuffmanEntry.longer
      }
      guard entry != HuffmanEntry.longer, HuffmanEntry.bits(entry) <= reader.count else {
        if reader.index < input.count { continue }
        return .needsInput
      }
      if entry & HuffmanEntry.literal != 0 {
        unsafe output[end] = UInt8(truncatingIfNeeded: entry &>> 16)
        end &+= 1
        reader.take(HuffmanEntry.bits(entry))
        continue
      }
      if entry & HuffmanEntry.special != 0 {
        if entry &>> 16 != 0 { return .failed(.literalCode) }
        reader.take(HuffmanEntry.bits(entry))
        return .done
      }
      let behind = reader.bits &>> UInt64(entry & 63)
      let left = reader.count &- HuffmanEntry.bits(entry)
      var code = unsafe distanceEntries[Int(truncatingIfNeeded: behind & HuffmanTable.distanceMask)]
      if code == HuffmanEntry.longer { code = distances.longEntry(behind, left) ?? HuffmanEntry.longer }
      guard code != HuffmanEntry.longer, HuffmanEntry.bits(code) <= left else {
        if reader.index < input.count { continue }
        return .needsInput
      }
      if code & HuffmanEntry.special != 0 { return .failed(.distanceCode) }
      let (length, distance) = (HuffmanEntry.value(entry, reader.bits), HuffmanEntry.value(code, behind))
      if distance > agreedWindow { farthest = max(farthest, distance) }
      if distance > end { return .failed(.tooFarBack) }
      reader.take(HuffmanEntry.bits(entry) &+ HuffmanEntry.bits(code))
      unsafe Self.copy(length, from: output + (end &- distance), to: output + end)
      end &+= length
    }
  }

  /// Copies `length` bytes. Source and target may overlap: then the bytes between them repeat. Writes up to 15 bytes more.
  @inline(__always)
  private static func copy(
    _ length: Int, from source: UnsafeMutablePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) {
    let distance = unsafe target - source
    let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    var index = 0
    if distance >= 16 {
      repeat {
        let part = unsafe from.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self)
        unsafe to.storeBytes(of: part, toByteOffset: index, as: SIMD2<UInt64>.self)
        index &+= 16
      } while index < length
    } else if distance >= 8 {
      repeat {
        let part = unsafe from.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        unsafe to.storeBytes(of: part, toByteOffset: index, as: UInt64.self)
        index &+= 8
      } while index < length
    } else if distance == 1 {
      let part = UInt64(unsafe source.pointee) &* 0x0101_0101_0101_0101
      repeat {
        unsafe to.storeBytes(of: part, toByteOffset: index, as: UInt64.self)
        index &+= 8
      } while index < length
    } else {
      repeat {
        unsafe target[index] = unsafe source[index]
        index &+= 1
      } while index < length
    }
  }
}
