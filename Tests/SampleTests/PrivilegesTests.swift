import Foundation
import Rights
import Testing

/// What the kernel says of the rights of a thread, in /proc/PID/task/TID/status.
struct ThreadRights: Equatable {
  /// Inheritable, permitted, effective, bounding and ambient capabilities.
  var capabilities: [UInt64]
  var noNewPrivileges: Bool
  /// 2 with a filter of system calls.
  var seccomp: Int

  static let none = ThreadRights(capabilities: [0, 0, 0, 0, 0], noNewPrivileges: true, seccomp: 2)

  /// Those of all threads whose status files are in the text.
  static func all(in text: String) -> [ThreadRights] {
    func values(_ name: String) -> [Substring] {
      text.split(separator: "\n").filter { $0.hasPrefix(name + ":") }
        .map { $0.dropFirst(name.count + 1).drop { $0 == "\t" } }
    }
    let sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map {
      values($0).map { UInt64($0, radix: 16) ?? .max }
    }
    let (privileges, seccomp) = (values("NoNewPrivs"), values("Seccomp"))
    return seccomp.indices.map { index in
      ThreadRights(
        capabilities: sets.map { $0[index] }, noNewPrivileges: privileges[index] == "1",
        seccomp: Int(seccomp[index]) ?? -1)
    }
  }
}

/// What is left of a process's rights while it reads captures (live: LiveCaptureTests; what each of them does: RightsTests).
@Suite("Privileges", .disabled(if: Confinement.isInstrumented, "builds with a sanitizer keep their rights"))
struct PrivilegesTests {
  private static let reading = """
    mkfifo "$2.pipe"; exec 3<> "$2.pipe"; cat "$1" >&3
    "$wstap" -l --json - < "$2.pipe" > "$2" 3>&- & for wait in $(seq 400); do
      [ -s "$2" ] && break
      sleep 0.05
    done
    cat /proc/$!/task/*/status; kill -TERM $!
    """

  @Test("A file is read without rights, in every thread; root keeps those over files of others")
  func reading() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await Tool.waitingShell(
      Self.reading, [Story(name: "chat").capture, folder.file("shown").path])
    let rights = ThreadRights.all(in: outcome.text)
    #expect(!rights.isEmpty)
    let most: UInt64 = getuid() == 0 ? 0b1111 : 0
    for thread in rights {
      #expect(thread.noNewPrivileges && thread.seccomp == 2)
      // All but the bounding set, which says what programs could get.
      for index in [0, 1, 2, 4] { #expect(thread.capabilities[index] & ~most == 0) }
    }
  }

  @Test("What measures the tool may do without that")
  func unconfined() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await Tool.waitingShell(
      "export WSTAP_UNCONFINED=1; \(Self.reading)",
      [Story(name: "chat").capture, folder.file("shown").path])
    let rights = ThreadRights.all(in: outcome.text)
    #expect(!rights.isEmpty && rights.allSatisfy { $0.seccomp == 0 })
  }
}
