import Files
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

  private let path: FilePath
  private let limits: Limits
  /// What each file begins with.
  private let header: [UInt8]
  /// Of a ring, opened once for all of its files.
  private let folder: OutputFolder?
  private var file: OutputFile?
  /// Blocks of secrets, the oldest first. Connections continue from file to file, and each file must be readable alone.
  private var secrets: [[UInt8]] = []
  private var secretBytes = 0
  private var fileBytes: UInt64 = 0
  private var allBytes: UInt64 = 0
  private var fileStart = monotonicNanoseconds()
  private var number = 0
  /// The files of a ring that were written, the oldest first.
  private var written: [(name: FilePath, identity: FileIdentity)] = []

  /// Makes the first file, which has its header from then on, and then its name: whoever looks at it finds a capture. `header` is what
  /// each file begins with; `refusal` says what else a file is that must not be written. Throws when it cannot be made.
  public init(
    path: FilePath, header: [UInt8], limits: Limits = Limits(),
    refusal: (FileIdentity) -> String? = { _ in nil }
  ) throws(CaptureError) {
    (self.path, self.header, self.limits) = (path, header, limits)
    do throws(FileFailure) {
      folder = limits.isRing ? try OutputFolder(of: path) : nil
      if let folder {
        try begin(OutputFile(inRing: path, folder))
      } else {
        try begin(OutputFile(path, .capture, refusal: refusal))
      }
    } catch {
      throw CaptureError(error.description)
    }
  }

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

  /// Keeps a block of secrets to be repeated at the start of each further file of a ring. Of many, the newest ones are
  /// kept that fit into a quarter of a file and into 1 MiB.
  package func keep(secrets block: [UInt8]) {
    guard limits.isRing else { return }
    secrets.append(block)
    secretBytes += block.count
    let most = min(1 << 20, Int(clamping: (limits.fileBytes ?? .max) / 4))
    while secretBytes > most, !secrets.isEmpty { secretBytes -= secrets.removeFirst().count }
  }

  /// Which file is being written; nil after the last one was closed.
  public var identity: FileIdentity? { file?.identity }

  /// Removes the file that is being written: nothing is left of it.
  public func withdraw() {
    file?.withdraw()
    file = nil
  }

  /// Writes whole blocks. Returns an error message if it cannot.
  package func write(_ blocks: [UInt8]) -> String? {
    do throws(FileFailure) {
      try append(blocks)
      let seconds = Double(monotonicNanoseconds() - fileStart) / 1e9
      let isDone =
        limits.fileBytes.map { fileBytes >= $0 } ?? false || limits.fileSeconds.map { seconds >= $0 } ?? false
      if isDone { try next() }
      return nil
    } catch {
      return error.description
    }
  }

  /// Closes the current file. Returns an error message if it cannot, or if the file is no longer where it was.
  package func close() -> String? {
    guard let file else { return nil }
    self.file = nil
    // Who takes files of a ring away while it is written knows why.
    let isLost = !limits.isRing && file.isLost
    do throws(FileFailure) {
      try file.close()
    } catch {
      return error.description
    }
    return isLost ? "\(path) was removed or replaced while it was written; its packets are lost" : nil
  }

  private func append(_ blocks: [UInt8]) throws(FileFailure) {
    guard let file else { return }
    do throws(FileFailure) {
      try file.write(blocks)
    } catch {
      file.truncate(to: fileBytes + UInt64(Self.wholeBlocks(of: blocks, upTo: error.bytesWritten)))
      throw error
    }
    fileBytes += UInt64(blocks.count)
    allBytes += UInt64(blocks.count)
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

  private func next() throws(FileFailure) {
    guard let folder else { return }
    try file?.close()
    file = nil
    try begin(OutputFile(inRing: path, folder))
    while let files = limits.files, written.count > max(files, 1) {
      let oldest = written.removeFirst()
      // Others may have made a file of that name meanwhile.
      folder.remove(oldest.name, if: oldest.identity)
    }
  }

  /// Goes on in a new file: first its header, and then its name.
  private func begin(_ new: OutputFile) throws(FileFailure) {
    (fileBytes, fileStart, file) = (0, monotonicNanoseconds(), new)
    do throws(FileFailure) {
      try append(header + secrets.joined())
      if limits.isRing {
        let name = try new.takeName(firstFreeOf: numbered)
        if let identity = new.identity { written.append((name, identity)) }
      } else {
        try new.takeName()
      }
    } catch {
      new.discard()
      file = nil
      throw error
    }
  }

  /// The next file name, in the way of dumpcap: `name_00001_20261121093012.pcapng`.
  private func numbered() -> FilePath {
    number += 1
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
    let name = path.name.bytes
    let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex
    return FilePath(bytes: name[..<dot] + insertion.utf8 + name[dot...])
  }
}
