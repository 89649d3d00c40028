#if os(Linux)
import CRights
import Glibc

/// Which system calls a process may still make, seccomp(2): a small program that the kernel runs before each of them.
///
/// Calls that reading and reporting never need fail with EPERM: new sockets and sending, other programs and processes, namespaces.
/// The list is in CRights/shim.h. It holds for this thread and those that it starts, and cannot be taken back.
struct SystemCallFilter {
  private(set) var instructions: [sock_filter] = []

  private static let allow = UInt32(0x7FFF_0000)
  private static let kill = UInt32(0x8000_0000)
  private static func fail(_ error: Int32) -> UInt32 { 0x0005_0000 | UInt32(error) }

  // Offsets in what the program examines (struct seccomp_data): numbers of 32 bits, arguments of 64.
  private static let callNumber = UInt32(0)
  private static let architecture = UInt32(4)
  /// The lower half of an argument, which comes first on the processors that have the filter.
  private static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }

  private enum Test: UInt16 {
    case equals = 0x15  // BPF_JMP | BPF_JEQ | BPF_K
    case isAtLeast = 0x35  // BPF_JMP | BPF_JGE | BPF_K
    case hasAnyOf = 0x45  // BPF_JMP | BPF_JSET | BPF_K
  }

  /// A filter for a process that has opened everything it sends with. `readOnly` is a socket that may only be read: writing to a
  /// capture's would send packets. Nil where there is no filter for the processor.
  init?(readOnly: Int32?) {
    let processor = wstap_audit_architecture()
    guard processor != 0 else { return nil }
    load(Self.architecture)
    unless(.equals, processor, answer: Self.kill)
    load(Self.callNumber)
    // The calls of the x32 ABI, which have numbers of their own for the same things.
    when(.isAtLeast, 0x4000_0000, answer: Self.fail(EPERM))
    if let readOnly { refuseWriting(to: UInt32(bitPattern: readOnly)) }
    // Characters that the shell would take for typed ones.
    refuse(wstap_call_ioctl(), argument: 1, .equals, [UInt32(TIOCSTI), 0x541C])  // TIOCLINUX
    // Threads are started with clone, which says what for; clone3 keeps that where no filter can look.
    refuse(wstap_call_clone(), argument: 0, .hasAnyOf, [0x7E02_0000])  // CLONE_NEW…
    when(.equals, wstap_call_clone3(), answer: Self.fail(ENOSYS))
    instructions += Self.search(Self.refusedCalls[...])
  }

  /// In ascending order.
  private static var refusedCalls: [UInt32] {
    var calls: [UInt32] = []
    while case let call = wstap_refused_call(Int32(calls.count)), call >= 0 {
      calls.append(UInt32(bitPattern: call))
    }
    return calls.sorted()
  }

  /// Refuses these calls and allows others. The kernel tries the program with every call that it has, to know which are always allowed:
  /// with one comparison after another that would take longer than everything else at the start.
  private static func search(_ calls: ArraySlice<UInt32>) -> [sock_filter] {
    guard calls.count > 4 else {
      var part = SystemCallFilter()
      for call in calls { part.when(.equals, call, answer: fail(EPERM)) }
      part.answer(allow)
      return part.instructions
    }
    let middle = calls.startIndex + calls.count / 2
    let (below, above) = (search(calls[..<middle]), search(calls[middle...]))
    var part = SystemCallFilter()
    part.add(Test.isAtLeast.rawValue, calls[middle], then: UInt8(below.count))
    return part.instructions + below + above
  }

  private init() {}

  /// Enters it. False where the kernel refuses.
  consuming func enter() -> Bool {
    unsafe wstap_install_filter(&instructions, UInt16(instructions.count)) == 0
  }

  private mutating func refuseWriting(to descriptor: UInt32) {
    for call in [
      wstap_call_write(), wstap_call_writev(), wstap_call_pwrite(), wstap_call_pwritev(),
      wstap_call_pwritev2(),
      wstap_call_dup(), wstap_call_dup2(), wstap_call_dup3(),
    ] {
      refuse(call, argument: 0, .equals, [descriptor])
    }
    refuse(wstap_call_fcntl(), argument: 1, .equals, [UInt32(F_DUPFD), 1030])  // F_DUPFD_CLOEXEC
  }

  // MARK: Instructions

  private mutating func load(_ offset: UInt32) { add(0x20, offset) }  // BPF_LD | BPF_W | BPF_ABS
  private mutating func answer(_ value: UInt32) { add(0x06, value) }  // BPF_RET | BPF_K

  private mutating func when(_ test: Test, _ value: UInt32, answer given: UInt32) {
    add(test.rawValue, value, otherwise: 1)
    answer(given)
  }

  private mutating func unless(_ test: Test, _ value: UInt32, answer given: UInt32) {
    add(test.rawValue, value, then: 1)
    answer(given)
  }

  /// Refuses a call if one of the tests of an argument is true, and allows it if none is.
  private mutating func refuse(_ call: UInt32, argument index: UInt32, _ test: Test, _ values: [UInt32]) {
    add(Test.equals.rawValue, call, otherwise: UInt8(2 * values.count + 2))
    load(Self.argument(index))
    for value in values { when(test, value, answer: Self.fail(EPERM)) }
    answer(Self.allow)
  }

  private mutating func add(_ code: UInt16, _ value: UInt32, then: UInt8 = 0, otherwise: UInt8 = 0) {
    instructions.append(sock_filter(code: code, jt: then, jf: otherwise, k: value))
  }
}
#endif
