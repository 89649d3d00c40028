import ArgumentParser
import Files

/// The parser knows text only: it gets every argument as `ArgumentText`, of which a path is made again here.
extension FilePath: ExpressibleByArgument {
  /// The path whose text the parser got.
  public init?(argument: String) { self.init(bytes: ArgumentText.bytes(of: argument)) }

  /// As help shows it.
  public var defaultValueDescription: String { description }
}

extension CommandLine {
  /// The arguments after the program's name, as text for the parser. `CommandLine.arguments` repairs what is not UTF-8, after which
  /// a file cannot be found.
  static var texts: [String] {
    (1..<max(1, Int(argc))).compactMap { index in
      unsafe unsafeArgv[index].map { unsafe ArgumentText.text(of: FilePath(cString: $0).bytes) }
    }
  }
}
