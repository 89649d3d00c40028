import WireBytes

/// Where all decoders put what they find, and the memory they share while they do it.
@safe public final class DecodingContext {
  let sink: any WebSocketSink
  /// What to decode and how far.
  public let options: DecodingOptions
  /// The unmasked bytes of the current piece of payload.
  let scratch: UnsafeMutableRawBufferPointer

  /// The memory that all connections share.
  public let budget: MemoryBudget

  static let scratchBytes = 64 << 10

  /// A context that serves any number of decoders, one call at a time.
  public init(options: DecodingOptions, sink: any WebSocketSink, budget: MemoryBudget = .unlimited) {
    self.sink = sink
    self.options = options
    self.budget = budget
    unsafe scratch = .allocate(byteCount: Self.scratchBytes, alignment: 64)
  }

  /// Memory of large messages that were reported, for later ones.
  @exclusivity(unchecked) private var uncheckedSpareBuffers = PayloadPool(mostBytes: 4 << 20)
  var spareBuffers: PayloadPool {
    @inline(__always) _read { yield unsafe uncheckedSpareBuffers }
    @inline(__always) _modify { yield unsafe &uncheckedSpareBuffers }
  }

  /// Codes for the next block that brings its own.
  @exclusivity(unchecked) private var uncheckedSpareCodes: DynamicCodes?
  var spareCodes: DynamicCodes? {
    @inline(__always) _read { yield unsafe uncheckedSpareCodes }
    @inline(__always) _modify { yield unsafe &uncheckedSpareCodes }
  }

  /// An inflater that a side without context takeover no longer needs: one serves all such sides, message by message.
  private var spareInflater: Inflater?

  func takeInflater() -> Inflater { spareInflater.take() ?? Inflater() }

  func keep(_ spare: consuming Inflater) {
    spare.forgetContext()
    spareInflater = consume spare
  }

  deinit { unsafe scratch.deallocate() }
}
