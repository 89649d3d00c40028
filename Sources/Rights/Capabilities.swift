#if os(Linux)
import CRights
import Glibc

/// The capabilities of a process, capabilities(7): root's rights in parts. A program also gets them from its file (setcap(8)).
///
/// All of this is per thread, and threads inherit it: it has to happen before the first one is started.
package struct Capabilities: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Root's rights over files of others: CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER.
  package static let files = Capabilities(rawValue: 0b1111)

  /// What the thread may have: effective, permitted or inheritable. Nil when it cannot be known.
  package static var current: Capabilities? {
    var sets = wstap_capabilities()
    guard unsafe wstap_get_capabilities(&sets) == 0 else { return nil }
    return Capabilities(rawValue: sets.effective | sets.permitted | sets.inheritable)
  }

  /// Lets nothing that is executed later get a capability, as far as this process may decide that (CAP_SETPCAP). It has to come
  /// before another user's rights are taken on, which ends that right.
  package static func limit() {
    var capability: Int32 = 0
    while wstap_is_in_bounding_set(capability) >= 0 {
      // Refused to everyone but root; then `forbidNewPrivileges` alone keeps programs from getting any.
      guard wstap_drop_from_bounding_set(capability) == 0 else { return }
      capability += 1
    }
  }

  /// Gives up all capabilities but `kept`, for good. Throws if one remains.
  package static func drop(keeping kept: Capabilities = []) throws(RightsFailure) {
    // Older kernels have no ambient set.
    _ = wstap_clear_ambient_set()
    guard let held = current else { throw RightsFailure(reason(errno)) }
    if held.isSubset(of: kept) { return }
    let rest = held.intersection(kept).rawValue
    var sets = wstap_capabilities(effective: rest, permitted: rest, inheritable: 0)
    guard unsafe wstap_set_capabilities(&sets) == 0 else { throw RightsFailure(reason(errno)) }
    guard let left = current, left.isSubset(of: kept) else {
      throw RightsFailure("cannot give up the capabilities of this process: the system keeps some")
    }
  }

  /// Lets nothing that is executed later get more rights than this process has: neither setuid programs nor file capabilities.
  package static func forbidNewPrivileges() { _ = wstap_forbid_new_privileges() }

  private static func reason(_ error: Int32) -> String {
    "cannot give up the capabilities of this process: \(unsafe String(cString: strerror(error)))"
  }
}
#endif
