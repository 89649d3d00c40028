import Files

/// What an input is called.
public enum InputName: Hashable, Sendable {
  /// A file, a pipe or a device, by its path.
  case file(FilePath)
  /// Standard input, or an interface.
  case other(String)

  static let standardInput = InputName.other("standard input")

  /// The path, if it has one.
  public var path: FilePath? {
    if case .file(let path) = self { path } else { nil }
  }
}

extension InputName: CustomStringConvertible {
  /// As messages call it.
  public var description: String {
    switch self {
    case .file(let path): path.description
    case .other(let words): words
    }
  }
}
