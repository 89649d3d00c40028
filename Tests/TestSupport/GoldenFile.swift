import Foundation

/// A file under version control that holds what a run is expected to print.
///
/// `WSTAP_UPDATE_GOLDEN=1 swift test --filter SampleTests` rewrites such files; read the difference before
/// you commit it.
public struct GoldenFile: Sendable {
  /// Where the file is.
  public let url: URL

  /// The golden file at a place.
  public init(_ url: URL) { self.url = url }

  /// Whether this run writes golden files instead of comparing with them.
  public static var updates: Bool { ProcessInfo.processInfo.environment["WSTAP_UPDATE_GOLDEN"] == "1" }

  /// Nil when `actual` is what the file holds (or the file was rewritten); otherwise the first line that
  /// differs, as the file has it and as it came.
  public func difference(from actual: Data) throws -> String? {
    if Self.updates {
      try actual.write(to: url)
      return nil
    }
    guard let expected = try? Data(contentsOf: url) else {
      return "\(url.lastPathComponent) does not exist; WSTAP_UPDATE_GOLDEN=1 writes it"
    }
    return expected == actual ? nil : Self.firstDifference(expected, actual, in: url.lastPathComponent)
  }

  private static func firstDifference(_ expected: Data, _ actual: Data, in name: String) -> String {
    let lines = (lines(of: expected), lines(of: actual))
    let common = zip(lines.0, lines.1).prefix { $0 == $1 }.count
    func line(_ side: [Data]) -> String {
      common < side.count ? String(decoding: side[common], as: UTF8.self).debugDescription : "(ends here)"
    }
    return """
      line \(common + 1) of \(name)
        expected \(line(lines.0))
        actual   \(line(lines.1))
      """
  }

  /// An end of line at the end of the file starts one more, empty line: its absence is a difference too.
  private static func lines(of data: Data) -> [Data] {
    data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }
}
