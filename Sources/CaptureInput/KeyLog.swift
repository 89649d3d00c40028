import Files
import Glibc

/// Reads a TLS key log while it grows: browsers, curl and others append to the file that SSLKEYLOGFILE names
/// (draft-ietf-tls-keylogfile).
///
/// Only lines that look like key material are used, so that a file named by mistake does not end up in a capture that
/// is sent to others.
public final class KeyLog {
  /// The path as given.
  public let path: FilePath
  /// Lines that were used.
  public private(set) var secrets: UInt64 = 0
  /// Lines that are not key material.
  public private(set) var otherLines: UInt64 = 0

  private var descriptor: Int32 = -1
  private var bytesRead: UInt64 = 0
  /// The start of a line whose end has not been written yet.
  private var unfinished: [UInt8] = []
  /// Whether the current line is longer than any key, so that nothing of it is kept.
  private var isSkipping = false

  /// More than the longest line in bytes; lines of 160 are usual.
  private static let longestLine = 4096
  /// The most bytes that one call reads, so that packets do not wait for a large file.
  private static let mostBytesAtOnce = 1 << 20

  /// Opens the file. If it does not exist yet, later calls open it. Throws when it cannot be read.
  public init(path: FilePath) throws(CaptureError) {
    self.path = path
    open()
    guard descriptor < 0 else {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw CaptureError("the key log \(path) is not a regular file")
      }
      return
    }
    guard errno == ENOENT else {
      throw CaptureError("cannot open the key log \(path): \(unsafe String(cString: strerror(errno)))")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether the file exists.
  public var isOpen: Bool { descriptor >= 0 }

  /// Whether its path leads to a file.
  public func leads(to file: FileIdentity) -> Bool {
    file == FileIdentity(descriptor: descriptor) || file == FileIdentity(path)
  }

  /// The lines that were added since the last call, each with its newline.
  package func takeNew() -> [UInt8] {
    reopenIfReplaced()
    guard descriptor >= 0 else { return [] }
    var lines: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var left = Self.mostBytesAtOnce
    while left > 0 {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      bytesRead &+= UInt64(count)
      left -= count
      for byte in buffer[..<count] { take(byte, into: &lines) }
    }
    return lines
  }

  private func open() {
    // Without blocking, so that opening a pipe returns; it is refused afterwards.
    descriptor = unsafe path.withCString { unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
  }

  /// A program that restarts may overwrite the file, or replace it by another one of that name.
  private func reopenIfReplaced() {
    if descriptor < 0 { return open() }
    var (here, there) = (stat(), stat())
    guard unsafe fstat(descriptor, &here) == 0 else { return }
    let isShorter = UInt64(clamping: here.st_size) < bytesRead
    let isOther =
      unsafe path.withCString({ unsafe stat($0, &there) }) == 0 && there.st_mode & S_IFMT == S_IFREG
      && (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino)
    if isOther {
      // The rest of the old one comes first.
      guard bytesRead >= UInt64(clamping: here.st_size) else { return }
      close(descriptor)
      open()
    } else if isShorter {
      lseek(descriptor, 0, SEEK_SET)
    } else {
      return
    }
    (bytesRead, isSkipping) = (0, false)
    unfinished.removeAll()
  }

  private func take(_ byte: UInt8, into lines: inout [UInt8]) {
    guard byte == UInt8(ascii: "\n") else {
      if isSkipping { return }
      unfinished.append(byte)
      if unfinished.count > Self.longestLine {
        isSkipping = true
        unfinished.removeAll()
      }
      return
    }
    if unfinished.last == UInt8(ascii: "\r") { unfinished.removeLast() }
    if Self.isSecret(unfinished) {
      secrets &+= 1
      lines += unfinished
      lines.append(UInt8(ascii: "\n"))
    } else if isSkipping || !(unfinished.isEmpty || unfinished.first == UInt8(ascii: "#")) {
      otherLines &+= 1
    }
    unfinished.removeAll(keepingCapacity: true)
    isSkipping = false
  }

  /// `CLIENT_RANDOM 52362c10… 09b9…`: a label, the client's random and a secret, both in hexadecimal.
  private static func isSecret(_ line: [UInt8]) -> Bool {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, (1...64).contains(parts[0].count) else { return false }
    let isLabel = parts[0].allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || isDigit($0) || $0 == UInt8(ascii: "_")
    }
    return isLabel
      && parts[1...].allSatisfy { part in
        part.count >= 16 && part.count % 2 == 0
          && part.allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20) }
      }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
