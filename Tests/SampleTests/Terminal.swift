import Foundation
import Glibc
import Testing

/// A pseudo terminal.
enum Terminal {
  /// What a program writes to a terminal with so many columns.
  static func output(
    of program: URL, _ arguments: [String], columns: Int = 80,
    environment: [String: String] = ["TERM": "dumb"]
  ) throws -> Data {
    let controller = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(controller >= 0)
    defer { close(controller) }
    // TIOCSPTLCK and TIOCGPTN, macros that Swift cannot import: what unlockpt and ptsname do.
    var (lock, number): (Int32, UInt32) = (0, 0)
    try #require(unsafe ioctl(controller, 0x4004_5431, &lock) == 0)
    try #require(unsafe ioctl(controller, 0x8004_5430, &number) == 0)
    var size = winsize()
    size.ws_col = UInt16(columns)
    size.ws_row = 24
    try #require(unsafe ioctl(controller, UInt(TIOCSWINSZ), &size) == 0)
    let terminal = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(terminal >= 0)
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = Tool.packageRoot
    process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "NO_COLOR" }
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(fileDescriptor: terminal)
    do {
      defer { close(terminal) }
      try process.run()
    }
    var output = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(controller, &buffer, buffer.count)
      // EIO: nobody has it open any more.
      guard count > 0 else { break }
      output += buffer[..<count]
    }
    process.waitUntilExit()
    return output
  }
}
