import WireBytes

/// Values that are not shown, kept for a text that may repeat them later: the reason of a Close.
///
/// A session has them as long as it lasts, so of each no more is kept than such a reason holds.
package struct SecretValues: Sendable {
  /// Bytes of a reason at most (RFC 6455 §5.5).
  package static let longest = 123
  /// Bytes of all of them; older ones make room for new ones.
  private static let mostBytes = 4096

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Those of the handshake, which come first and stay.
  private var fixed = 0

  private struct Entry {
    var length: UInt8
    /// One that somebody named: it counts even if it is short.
    var isNamed: Bool
    var digits: UInt16
  }

  /// None.
  package init() {}

  /// Those of a handshake.
  package init(of secrets: Secrets) {
    for value in secrets.values where value.count >= SecretEcho.shortest && bytes.count < Self.mostBytes {
      add(value.span, isNamed: false)
    }
    fixed = entries.count
  }

  /// Adds a value that was hidden because its name was asked for.
  package mutating func add(_ value: Span<UInt8>) {
    guard value.count >= SecretEcho.shortestNamed else { return }
    if bytes.count > Self.mostBytes {
      let (before, dropped) = (length(of: 0..<fixed), (entries.count - fixed + 1) / 2)
      bytes.removeSubrange(before..<before + length(of: fixed..<fixed + dropped))
      entries.removeSubrange(fixed..<fixed + dropped)
    }
    add(value, isNamed: true)
  }

  private mutating func add(_ value: Span<UInt8>, isNamed: Bool) {
    let kept = min(value.count, Self.longest)
    for index in 0..<kept { bytes.append(value[index]) }
    entries.append(Entry(length: UInt8(kept), isNamed: isNamed, digits: SecretMark.digits(of: value)))
  }

  private func length(of range: Range<Int>) -> Int { entries[range].reduce(0) { $0 + Int($1.length) } }

  /// Bytes of memory.
  package var cost: Int { bytes.count + entries.count * MemoryLayout<Entry>.stride + 64 }

  /// A text without them. Nothing else in it is hidden.
  package func redacted(_ text: String) -> String {
    var (echo, start) = (SecretEcho(of: []), 0)
    for entry in entries {
      let end = start + Int(entry.length)
      echo.add(Array(bytes[start..<end]), SecretMark.text(entry.digits), isNamed: entry.isNamed)
      start = end
    }
    return echo.redacted(text, onlyValues: true)
  }
}
