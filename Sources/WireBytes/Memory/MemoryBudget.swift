/// The memory of everything that waits, of all connections together, in bytes: unfinished messages, windows of compression, heads,
/// segments after gaps, and what is known of connections and sessions.
///
/// Two rules keep it within its limit. What can be shortened, such as the payload of a message, may hold no more than what is still
/// free of three quarters: however many grow at once, each of `n` comes to a part of `1 / (n + 1)`, so that those that are small always
/// find room, and nothing has to be taken from anybody (the dynamic thresholds of shared-memory switches). What cannot be shortened is
/// always granted, and has a quarter for itself; when that leads beyond the limit, connections go, those first that are worth least.
///
/// Figures are what was asked for; allocators round up. One thread uses it.
public final class MemoryBudget {
  /// The most that may wait, in bytes.
  public let limit: Int

  // Every slow path asks, and nothing holds it meanwhile.
  @exclusivity(unchecked) @usableFromInline var uncheckedUsed = 0
  /// What waits, in bytes.
  @inlinable
  public var used: Int {
    @inline(__always) get { unsafe uncheckedUsed }
  }
  @exclusivity(unchecked) private var uncheckedPeak = 0
  /// The most that has waited at a time, in bytes.
  public var peak: Int { unsafe uncheckedPeak }
  @exclusivity(unchecked) private var uncheckedShortened: UInt64 = 0
  /// Messages of which less was kept than there was room for in `--max-payload`, because others used the memory.
  public var messagesShortened: UInt64 { unsafe uncheckedShortened }

  /// A budget of `limit` bytes.
  public init(limit: Int) { self.limit = max(0, limit) }

  /// One that nothing exceeds.
  public static var unlimited: MemoryBudget { MemoryBudget(limit: .max) }

  /// Whether connections have to go.
  @inlinable @inline(__always)
  public var isOver: Bool { used > limit }

  /// Whether something that can be shortened may hold so many bytes, of which it holds `held` by now: no more than is still free then.
  public func allows(_ bytes: Int, holding held: Int) -> Bool {
    bytes <= held || bytes <= (limit / 4 * 3 &- used &+ held) / 2 && MemoryShortage.permits(bytes)
  }

  /// Something holds `bytes` instead of `charged`, which is updated.
  @inline(__always)
  public func update(_ charged: inout Int, to bytes: Int) {
    guard bytes != charged else { return }
    add(bytes &- charged)
    charged = bytes
  }

  /// So many bytes more, or fewer, wait.
  public func add(_ bytes: Int) {
    unsafe uncheckedUsed &+= bytes
    if unsafe uncheckedUsed > uncheckedPeak { unsafe uncheckedPeak = uncheckedUsed }
  }

  /// A message is shortened.
  public func countShortened() { unsafe uncheckedShortened &+= 1 }
}
