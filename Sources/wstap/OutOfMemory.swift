import CMemoryReserve
import CaptureInput
import Glibc
import WireBytes

/// What happens when the system has no memory left, which can only be where `ulimit -v` or the like limits it: the run ends in
/// order, with what was decoded and status 2 (docs/decisions/0013-out-of-memory.md).
enum OutOfMemory {
  /// Sets some of the address space aside for an orderly end, where it is limited.
  static func prepare() {
    guard let reserve = MemoryBudget.endReserve else { return }
    MemoryShortage.expect()
    _ = wstap_hold_reserve(reserve, { OutOfMemory.endInOrder() }, { OutOfMemory.giveUp() })
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
    _exit(2)
  }
}
