import WireBytes

/// Owns a `DecoderColdState` from its first use on.
@safe struct DecoderColdStateBox: ~Copyable {
  private var pointer: UnsafeMutablePointer<DecoderColdState>?

  init() { unsafe pointer = nil }

  deinit {
    guard let pointer = unsafe pointer else { return }
    unsafe pointer.deinitialize(count: 1)
    unsafe pointer.deallocate()
  }

  /// The state, which is made now if it is not there yet.
  var state: DecoderColdState {
    // Safe: the box owns the memory, and whoever accesses the state has access to the box.
    @inline(__always) mutating _read { yield unsafe made().pointee }
    @inline(__always) _modify { yield unsafe &made().pointee }
  }

  @inline(__always)
  private mutating func made() -> UnsafeMutablePointer<DecoderColdState> {
    if let pointer = unsafe pointer { return unsafe pointer }
    return unsafe make()
  }

  @inline(never)
  private mutating func make() -> UnsafeMutablePointer<DecoderColdState> {
    let made = UnsafeMutablePointer<DecoderColdState>.allocate(capacity: 1)
    unsafe made.initialize(to: DecoderColdState())
    unsafe pointer = made
    return unsafe made
  }

  /// Gives back what the budget knows to be held.
  func release(_ output: WebSocketOutput) { unsafe pointer?.pointee.release(output) }

  /// The counts kept here so far.
  var counts: SideCounts { unsafe pointer?.pointee.counts ?? SideCounts() }

  /// What compression came to so far.
  var compression: CompressionCounts { unsafe pointer?.pointee.assembly.compression ?? CompressionCounts() }

  /// The message that is open, or was the last one here.
  var message: Message? { unsafe pointer?.pointee.assembly.message }

  /// Packets that brought bytes of that message.
  var messagePackets: Int { unsafe pointer?.pointee.assembly.packets ?? 0 }

  /// How often each rule was broken so far.
  var rules: RuleCounts { unsafe pointer?.pointee.rules ?? RuleCounts() }
}
