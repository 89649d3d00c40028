/// Colours by SGR (ECMA-48 §8.3.117), or none.
///
/// Only the sixteen colours that every terminal has and a user's theme defines: they are readable on light and
/// on dark.
public struct Style: Sendable, Equatable {
  /// Whether anything is written.
  public let enabled: Bool

  /// A style that colours, or one that does not.
  public init(enabled: Bool) { self.enabled = enabled }

  /// What a piece of text is, not how it looks.
  public enum Role: Sendable, CaseIterable {
    /// The arrow of the client's side.
    case client
    /// The arrow of the server's side.
    case server
    /// Present but rarely read: packet numbers, sizes.
    case dim
    /// An anomaly that is likely to hurt.
    case warning
    /// A rule broken.
    case violation
    /// As it should be.
    case good
    /// The first line of a session.
    case heading
  }

  /// What starts a role.
  public func on(_ role: Role) -> StaticString {
    guard enabled else { return "" }
    switch role {
    case .client: return "\u{1B}[36m"
    case .server: return "\u{1B}[35m"
    case .dim: return "\u{1B}[2m"
    case .warning: return "\u{1B}[33m"
    case .violation: return "\u{1B}[1;31m"
    case .good: return "\u{1B}[32m"
    case .heading: return "\u{1B}[1m"
    }
  }

  /// What ends any role.
  public var off: StaticString { enabled ? "\u{1B}[0m" : "" }

  /// Appends a text of the program's own in a role.
  func write(_ text: StaticString, as role: Role, to out: inout OutputBuffer) {
    out.append(on(role))
    out.append(text)
    out.append(off)
  }
}

extension Style {
  /// The style for an output. What the user typed beats the environment; the values are those of NO_COLOR
  /// (no-color.org: set and not empty) and TERM, nil when unset.
  public init(_ choice: ColorChoice, isTerminal: Bool, noColor: String?, term: String?) {
    switch choice {
    case .always: enabled = true
    case .never: enabled = false
    case .auto:
      let isRefused = !(noColor ?? "").isEmpty
      let isCapable = !["", "dumb"].contains(term ?? "")
      enabled = isTerminal && isCapable && !isRefused
    }
  }
}
