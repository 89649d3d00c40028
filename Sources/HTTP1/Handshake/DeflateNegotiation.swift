import WireBytes

/// Checks whether both sides agree on permessage-deflate (RFC 7692 §7.1).
package enum DeflateNegotiation {
  /// A broken rule, and what was seen.
  typealias Fault = (rule: Rule, detail: String)

  package static func isPerMessage(_ element: ExtensionOffer) -> Bool {
    ASCII.sameIgnoringCase(element.name, "permessage-deflate")
  }

  /// Whether it is the predecessor, under either of the names that browsers used.
  package static func isPerFrame(_ element: ExtensionOffer) -> Bool {
    ASCII.sameIgnoringCase(element.name, "deflate-frame")
      || ASCII.sameIgnoringCase(element.name, "x-webkit-deflate-frame")
  }

  /// Reports what is wrong with an element on its own.
  static func check(
    _ element: ExtensionOffer, isOffer: Bool, _ report: (Rule, @autoclosure () -> String) -> Void
  ) {
    var seen: Set<String> = []
    for (name, value) in element.parameters {
      var shown: String { value.map { "\(name)=\($0)" } ?? name }
      let known = name.lowercased()
      if !seen.insert(known).inserted {
        report(DeflateRule.repeatedParameter, "permessage-deflate has \(quoted(name)) again")
      }
      let isGood: Bool
      switch known {
      case "server_no_context_takeover", "client_no_context_takeover": isGood = value == nil
      case "server_max_window_bits": isGood = windowBits(value) != nil
      case "client_max_window_bits": isGood = (isOffer && value == nil) || windowBits(value) != nil
      default:
        report(DeflateRule.unknownParameter, "permessage-deflate has \(quoted(shown))")
        continue
      }
      if !isGood { report(DeflateRule.invalidValue, "permessage-deflate has \(quoted(shown))") }
    }
  }

  /// What is wrong with an element first; nil for a valid one.
  static func firstFault(of element: ExtensionOffer, isOffer: Bool) -> String? {
    var first: String?
    check(element, isOffer: isOffer) { _, detail in if first == nil { first = detail() } }
    return first
  }

  /// What an element says of the four parameters, as far as an acceptance is compared with its offer by it.
  struct Terms: Hashable {
    /// client_max_window_bits: nil without it.
    fileprivate let clientBits: ClientBits?
    fileprivate let hasServerNoTakeover: Bool
    /// server_max_window_bits; nil without it, or if it is no valid number.
    fileprivate let serverBits: Int?

    fileprivate enum ClientBits: Hashable {
      case unlimited
      case number(Int)
      case invalid
    }

    /// What `element` says.
    init(_ element: ExtensionOffer) {
      clientBits = element.value(of: "client_max_window_bits").map { value -> ClientBits in
        guard let value else { return .unlimited }
        return Int(value).map { .number($0) } ?? .invalid
      }
      hasServerNoTakeover = element.value(of: "server_no_context_takeover") != nil
      serverBits = element.value(of: "server_max_window_bits").flatMap { DeflateNegotiation.windowBits($0) }
    }
  }

  /// The different terms of offers. Valid offers have 180 at most; of more than that of invalid ones the rest is left out.
  static func terms(of offers: [ExtensionOffer]) -> [Terms] {
    var (terms, known): ([Terms], Set<Terms>) = ([], [])
    for offer in offers where terms.count < mostTerms {
      let these = Terms(offer)
      if known.insert(these).inserted { terms.append(these) }
    }
    return terms
  }

  /// No limit of the client, one without a number, or one of eight; the server's takeover or not; no limit of the server or one
  /// of eight.
  private static let mostTerms = 10 * 2 * 9

  /// How accepted terms contradict the offers; empty if they match one of them.
  static func faults(accepting selected: Terms, of offers: [Terms]) -> [Fault] {
    var fewest: [Fault]?
    for offer in offers {
      let found = faults(accepting: selected, of: offer)
      if found.isEmpty { return [] }
      if found.count < fewest?.count ?? .max { fewest = found }
    }
    return fewest ?? []
  }

  private static func faults(accepting selected: Terms, of offer: Terms) -> [Fault] {
    var faults: [Fault] = []
    if let accepted = selected.clientBits {
      switch offer.clientBits {
      case nil:
        faults.append((DeflateRule.notOffered, "the response has client_max_window_bits, the offer does not"))
      case .number(let most):
        if case .number(let bits) = accepted, bits > most {
          faults.append(
            (
              DeflateRule.offerNotHonoured,
              "the offer limits client_max_window_bits to \(most), the response says \(bits)"
            ))
        }
      default: break
      }
    }
    if offer.hasServerNoTakeover, !selected.hasServerNoTakeover {
      faults.append(
        (DeflateRule.offerNotHonoured, "the offer asks for server_no_context_takeover, the response lacks it")
      )
    }
    if let most = offer.serverBits, selected.serverBits.map({ $0 > most }) ?? true {
      let said = selected.serverBits.map { "says \($0)" } ?? "lacks it"
      faults.append(
        (
          DeflateRule.offerNotHonoured,
          "the offer asks for server_max_window_bits=\(most), the response \(said)"
        ))
    }
    return faults
  }

  /// "a decimal integer value without leading zeroes between 8 to 15 inclusive", §7.1.2.
  fileprivate static func windowBits(_ value: String?) -> Int? {
    guard let value, let bits = Int(value), (8...15).contains(bits), value == "\(bits)" else { return nil }
    return bits
  }
}
