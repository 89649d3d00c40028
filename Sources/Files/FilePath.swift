import Glibc

/// The path of a file as the system has it: bytes other than zero, which are mostly UTF-8 but need not be (POSIX.1-2024 §3.254).
public struct FilePath: Hashable, Sendable {
  /// Without the zero at the end.
  public let bytes: [UInt8]

  /// A path of these bytes.
  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// A path that is text.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// A path that C has.
  public init(cString: UnsafePointer<CChar>) {
    unsafe bytes = UnsafeBufferPointer(start: cString, count: strlen(cString)).map { UInt8(bitPattern: $0) }
  }

  /// Whether its description is all of it: whether it is UTF-8.
  public var isText: Bool {
    !ArgumentText.text(of: bytes).unicodeScalars.contains(where: ArgumentText.isByte)
  }

  /// The folder that holds the file: `.` where the path names none.
  public var folder: FilePath {
    guard let slash = bytes.lastIndex(of: Self.slash) else { return FilePath(".") }
    return FilePath(bytes: bytes[...slash])
  }

  /// What comes after the last slash; empty when that is the end.
  public var name: FilePath { FilePath(bytes: bytes[nameStart...]) }

  /// The path of a file in this folder.
  public func appending(_ name: some Sequence<UInt8>) -> FilePath {
    let separator = bytes.last == Self.slash ? [] : [Self.slash]
    return FilePath(bytes: bytes + separator + name)
  }

  /// The path of another file in the same folder.
  public func sibling(_ name: FilePath) -> FilePath { FilePath(bytes: bytes[..<nameStart] + name.bytes) }

  private var nameStart: Int { bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0 }

  /// Passes the path as C has it, with a zero at its end.
  public func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let ended = bytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe ended.withUnsafeBufferPointer { buffer in
      // Not empty: it has the zero.
      guard let start = buffer.baseAddress else { fatalError("an array with an element has an address") }
      return unsafe body(start)
    }
  }

  private static let slash = UInt8(ascii: "/")
}

extension FilePath: CustomStringConvertible {
  /// The path as it is shown, with `\xe9` for a byte that is not UTF-8. Control characters are left to whoever shows it.
  public var description: String { ArgumentText.shown(ArgumentText.text(of: bytes)) }
}

extension FilePath: Comparable {
  /// The order of the bytes, as `LC_ALL=C ls` has it.
  public static func < (one: FilePath, other: FilePath) -> Bool {
    one.bytes.lexicographicallyPrecedes(other.bytes)
  }
}
