import CMemoryReserve
import CaptureInput
import Files
import Glibc
import WireBytes

/// What happens when the system has no memory left, as where `ulimit -v` limits it: the run ends in order, with what was decoded and
/// status 2 (docs/decisions/0014-out-of-memory.md).
enum OutOfMemory {
  /// Set aside where address space is not limited, in bytes; more is where it is.
  private static let usualReserve = 16 << 20

  /// Sets some of the address space aside for an orderly end.
  static func prepare() {
    let limited = MemoryBudget.endReserve
    if limited != nil { MemoryShortage.expect() }
    _ = wstap_hold_reserve(
      limited ?? usualReserve, { OutOfMemory.endInOrder() }, { OutOfMemory.giveUp() })
  }

  /// What is said of a run that ended after so many packets.
  static func description(after packets: UInt64) -> String {
    "out of memory after packet \(packets); what follows was not read: allow more (ulimit -v), or keep less (--memory, --max-payload)"
  }

  /// Lets the run end with what it has.
  private static func endInOrder() {
    MemoryShortage.begin()
    SignalHandling.request()
  }

  /// Ends a process that cannot even end in order, because it needs more than was set aside. What it has written are whole lines.
  private static func giveUp() {
    let message: StaticString = "wstap: out of memory; --memory and --max-payload limit what is kept\n"
    _ = unsafe write(2, message.utf8Start, message.utf8CodeUnitCount)
    UnfinishedFile.settle()
    _exit(2)
  }
}
