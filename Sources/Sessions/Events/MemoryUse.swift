/// The memory of everything that waited during an analysis (`MemoryBudget`), and what had to give way.
public struct MemoryUse: Sendable, Equatable {
  /// The most that might wait, in bytes.
  public var limit: Int
  /// The most that waited at a time, in bytes.
  public var peak: Int
  /// Messages of which less was kept than there was room for in `--max-payload`.
  public var messagesShortened: UInt64
  /// Connections that were let go for others.
  public var connectionsLetGo: UInt64

  /// Use from its parts; by default none of none.
  public init(limit: Int = 0, peak: Int = 0, messagesShortened: UInt64 = 0, connectionsLetGo: UInt64 = 0) {
    (self.limit, self.peak) = (limit, peak)
    (self.messagesShortened, self.connectionsLetGo) = (messagesShortened, connectionsLetGo)
  }

  /// Whether anything had to give way.
  public var isExhausted: Bool { messagesShortened > 0 || connectionsLetGo > 0 }
}
