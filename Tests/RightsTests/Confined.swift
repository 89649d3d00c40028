import Foundation
import Glibc
import Synchronization
import Testing
import Threads

@testable import Rights

/// Runs `body` on a thread of its own, for which alone rights are given up: the tests keep theirs.
func confined<Result: Sendable>(_ body: @escaping @Sendable () -> Result) throws -> Result {
  let result = Mutex<Result?>(nil)
  let thread = try WorkerThread {
    let value = body()
    result.withLock { $0 = value }
  }
  thread.join()
  return try #require(result.withLock { $0 })
}

/// 0, or the error that a system call ended with.
func error(of status: Int) -> Int32 { status < 0 ? errno : 0 }
func error(of status: Int32) -> Int32 { error(of: Int(status)) }

/// Opens a file as `flags` say, and closes it. 0, or the error.
func openingError(_ path: String, _ flags: Int32) -> Int32 {
  let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
  defer { if descriptor >= 0 { close(descriptor) } }
  return error(of: descriptor)
}

/// A folder that is removed with what is in it.
final class Folder: Sendable {
  let path = FileManager.default.temporaryDirectory.appending(path: "wstap-rights-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
