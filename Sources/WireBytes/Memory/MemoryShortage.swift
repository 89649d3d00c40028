import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What is known of memory that the system refuses, which can only be where address space is limited (`ulimit -v`).
public enum MemoryShortage {
  // Global because the allocator sets it, for whichever thread asked for memory.
  private static let hasBegun = Atomic<Bool>(false)
  private static let isLimited = Atomic<Bool>(false)

  /// Whether memory was refused, so that the run has to end with what it has. Asked between two batches of packets.
  public static var isPresent: Bool { hasBegun.load(ordering: .relaxed) }

  /// Says that memory was refused. Allocates nothing.
  public static func begin() { hasBegun.store(true, ordering: .relaxed) }

  /// Says that memory may be refused.
  public static func expect() { isLimited.store(true, ordering: .relaxed) }

  /// Whether the system has so many bytes in one piece, which is asked only of large pieces, and only where it may refuse them.
  static func permits(_ bytes: Int) -> Bool {
    if !isLimited.load(ordering: .relaxed) || bytes < 64 << 10 { return true }
    if isPresent { return false }
    guard let memory = unsafe mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0),
      unsafe memory != MAP_FAILED
    else { return false }
    unsafe munmap(memory, bytes)
    return true
  }
}
