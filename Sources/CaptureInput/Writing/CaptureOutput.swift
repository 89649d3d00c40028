import Glibc
import Threads

/// A pcapng file that is written during a capture, or a ring of such files. Every file is valid at any time: blocks are
/// written whole, and if a full disk takes only part of one, that part is cut off again.
public final class CaptureOutput {
  /// When another file is started, and when writing ends.
  public struct Limits: Sendable {
    /// The size of a file of the ring in bytes.
    public var fileBytes: UInt64?
    /// The duration of a file of the ring in seconds.
    public var fileSeconds: Double?
    /// How many files are kept; beyond that the oldest is deleted.
    public var files: Int?
    /// The bytes in all files after which capturing ends.
    public var totalBytes: UInt64?

    /// No limits.
    public init() {}

    /// Whether there is more than one file.
    public var isRing: Bool { fileBytes != nil || fileSeconds != nil }
  }

  private let path: String
  private let limits: Limits
  private var descriptor: Int32
  private var header: [UInt8] = []
  /// Why the first file has no header. Nothing is written after that, which would begin in the middle.
  private var headerFailure: String?
  /// Blocks of secrets, the oldest first. Connections continue from file to file, and each file must be readable alone.
  private var secrets: [[UInt8]] = []
  private var secretBytes = 0
  private var fileBytes: UInt64 = 0
  private var allBytes: UInt64 = 0
  private var fileStart = monotonicNanoseconds()
  private var number = 0
  private var names: [String] = []

  /// Creates the first file; throws if it cannot.
  public init(path: String, limits: Limits = Limits()) throws(CaptureError) {
    (self.path, self.limits) = (path, limits)
    descriptor = -1
    if let words = open() { throw CaptureError(words) }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Whether `totalBytes` have been written.
  package var hasReachedLimit: Bool { reachesLimit(with: 0) }

  /// Whether `totalBytes` are reached when `more` are written.
  package func reachesLimit(with more: Int) -> Bool {
    limits.totalBytes.map { allBytes + UInt64(more) >= $0 } ?? false
  }

  /// Whether the current file has no room for `more` bytes.
  package func isFull(with more: Int) -> Bool {
    let reached = fileBytes + UInt64(more)
    return limits.fileBytes.map { reached >= $0 } ?? false || reachesLimit(with: more)
  }

  /// Sets the bytes that each file begins with.
  package func begin(header: [UInt8]) {
    self.header = header
    // Whoever looks at the file before the first packet finds a capture.
    if fileBytes == 0, descriptor >= 0 { headerFailure = append(header) }
  }

  /// Keeps a block of secrets to be repeated at the start of each further file of a ring. Of many, the newest ones are
  /// kept that fit into a quarter of a file and into 1 MiB.
  package func keep(secrets block: [UInt8]) {
    guard limits.isRing else { return }
    secrets.append(block)
    secretBytes += block.count
    let most = min(1 << 20, Int(clamping: (limits.fileBytes ?? .max) / 4))
    while secretBytes > most, !secrets.isEmpty { secretBytes -= secrets.removeFirst().count }
  }

  /// Writes whole blocks. Returns an error message if it cannot.
  package func write(_ blocks: [UInt8]) -> String? {
    if let headerFailure { return headerFailure }
    if fileBytes == 0, let words = append(header + secrets.joined()) { return words }
    if let words = append(blocks) { return words }
    let seconds = Double(monotonicNanoseconds() - fileStart) / 1e9
    let isDone =
      limits.fileBytes.map { fileBytes >= $0 } ?? false || limits.fileSeconds.map { seconds >= $0 } ?? false
    return isDone ? next() : nil
  }

  /// Closes the current file. Returns an error message if it cannot.
  package func close() -> String? {
    defer { descriptor = -1 }
    if headerFailure == nil, fileBytes == 0, descriptor >= 0, let words = append(header + secrets.joined()) {
      return words
    }
    return descriptor >= 0 && Glibc.close(descriptor) != 0 ? failure("written") : nil
  }

  private func append(_ blocks: [UInt8]) -> String? {
    var done = 0
    while done < blocks.count {
      let count = unsafe blocks.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        let words = failure("written")
        ftruncate(descriptor, off_t(fileBytes) + off_t(Self.wholeBlocks(of: blocks, upTo: done)))
        return words
      }
      done += count
    }
    fileBytes += UInt64(done)
    allBytes += UInt64(done)
    return nil
  }

  /// How many of the first `written` bytes are whole blocks.
  private static func wholeBlocks(of blocks: [UInt8], upTo written: Int) -> Int {
    var place = 0
    while place + 8 <= written {
      let length = (0..<4).reduce(0) { $0 | Int(blocks[place + 4 + $1]) << (8 * $1) }
      guard length > 0, place + length <= written else { break }
      place += length
    }
    return place
  }

  private func next() -> String? {
    if let words = close() { return words }
    if let words = open() { return words }
    if let files = limits.files {
      while names.count > max(files, 1) { unsafe unlink(names.removeFirst()) }
    }
    return nil
  }

  private func open() -> String? {
    number += 1
    (fileBytes, fileStart) = (0, monotonicNanoseconds())
    names.append(limits.isRing ? numbered : path)
    descriptor = unsafe Glibc.open(names[names.count - 1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { return failure("created") }
    return header.isEmpty ? nil : append(header + secrets.joined())
  }

  private func failure(_ what: String) -> String {
    "\(names.last ?? path) cannot be \(what): \(unsafe String(cString: strerror(errno)))"
  }

  /// The file name, in the way of dumpcap: `name_00001_20261121093012.pcapng`.
  private var numbered: String {
    var now = time(nil)
    var date = unsafe tm()
    unsafe localtime_r(&now, &date)
    func digits(_ value: Int32, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let day = unsafe digits(date.tm_year + 1900, 4) + digits(date.tm_mon + 1, 2) + digits(date.tm_mday, 2)
    let stamp = unsafe day + digits(date.tm_hour, 2) + digits(date.tm_min, 2) + digits(date.tm_sec, 2)
    let insertion = "_\(digits(Int32(clamping: number), 5))_\(stamp)"
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path + insertion }
    return path[..<dot] + insertion + path[dot...]
  }
}
