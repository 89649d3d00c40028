/// A capture whose link headers wstap cannot decode.
public struct UnsupportedLinkType: Error, Hashable, Sendable, CustomStringConvertible {
  /// The DLT_ or LINKTYPE_ number.
  public let number: Int32

  /// The error for the link type with this number.
  public init(number: Int32) { self.number = number }

  /// Name and number, such as `IEEE802_11 (105)`; only the number when the name is unknown.
  public var name: String {
    LinkType.numbered(number).map { "\($0.name) (\(number))" } ?? "\(number)"
  }

  /// One sentence that names the link type and all that are supported.
  public var description: String {
    let supported = LinkType.known.filter { $0.framing != nil }.map { "\($0.name) (\($0.number))" }
    return "link type \(name) is not supported; supported are \(supported.joined(separator: ", "))"
  }
}
