import CRights
import Glibc
import Testing

@testable import Rights

@Suite("Capabilities")
struct CapabilitiesTests {
  static let isRoot = geteuid() == 0

  @Test("None is left, neither for this thread nor for what it would execute")
  func none() throws {
    let left = try confined {
      Capabilities.limit()
      try? Capabilities.drop()
      return (Capabilities.current, wstap_is_in_bounding_set(0))
    }
    #expect(left.0 == [])
    if Self.isRoot { #expect(left.1 == 0) }
  }

  @Test("Those over files can be kept, and nothing else with them", .enabled(if: isRoot))
  func files() throws {
    let left = try confined {
      let before = Capabilities.current ?? []
      try? Capabilities.drop(keeping: .files)
      return (Capabilities.current, before.intersection(.files))
    }
    #expect(left.0 == left.1)
  }

  @Test("They do not come back", .enabled(if: isRoot))
  func forGood() throws {
    let refusal = try confined {
      try? Capabilities.drop()
      // By number, because the library's function changes all threads.
      return error(of: wstap_call(Int(SYS_setgid), Int(getgid()) + 1))
    }
    #expect(refusal == EPERM)
  }
}
