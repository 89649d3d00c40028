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

  /// What is wrong with an element on its own.
  static func faults(of element: ExtensionOffer, isOffer: Bool) -> [Fault] {
    var faults: [Fault] = []
    var seen: [String] = []
    for (name, value) in element.parameters {
      let shown = value.map { "\(name)=\($0)" } ?? name
      let known = name.lowercased()
      if seen.contains(known) {
        faults.append((DeflateRule.repeatedParameter, "permessage-deflate has \(quoted(name)) again"))
      }
      seen.append(known)
      let isGood: Bool
      switch known {
      case "server_no_context_takeover", "client_no_context_takeover": isGood = value == nil
      case "server_max_window_bits": isGood = windowBits(value) != nil
      case "client_max_window_bits": isGood = (isOffer && value == nil) || windowBits(value) != nil
      default:
        faults.append((DeflateRule.unknownParameter, "permessage-deflate has \(quoted(shown))"))
        continue
      }
      if !isGood { faults.append((DeflateRule.invalidValue, "permessage-deflate has \(quoted(shown))")) }
    }
    return faults
  }

  /// How an accepted element contradicts the offers; empty if it matches one of them.
  static func faults(accepting selected: ExtensionOffer, of offers: [ExtensionOffer]) -> [Fault] {
    let found = offers.map { faults(accepting: selected, of: $0) }
    if found.contains(where: \.isEmpty) { return [] }
    return found.min { $0.count < $1.count } ?? []
  }

  private static func faults(accepting selected: ExtensionOffer, of offer: ExtensionOffer) -> [Fault] {
    var faults: [Fault] = []
    if let accepted = selected.value(of: "client_max_window_bits") {
      let bits = accepted.flatMap { Int($0) }
      switch offer.value(of: "client_max_window_bits") {
      case nil:
        faults.append((DeflateRule.notOffered, "the response has client_max_window_bits, the offer does not"))
      case let limit??:
        if let bits, let most = Int(limit), bits > most {
          faults.append(
            (
              DeflateRule.offerNotHonoured,
              "the offer limits client_max_window_bits to \(most), the response says \(bits)"
            ))
        }
      default: break
      }
    }
    if offer.value(of: "server_no_context_takeover") != nil,
      selected.value(of: "server_no_context_takeover") == nil
    {
      faults.append(
        (DeflateRule.offerNotHonoured, "the offer asks for server_no_context_takeover, the response lacks it")
      )
    }
    if let most = offer.value(of: "server_max_window_bits").flatMap({ windowBits($0) }) {
      let bits = selected.value(of: "server_max_window_bits").flatMap { windowBits($0) }
      if bits.map({ $0 > most }) ?? true {
        let said = bits.map { "says \($0)" } ?? "lacks it"
        faults.append(
          (
            DeflateRule.offerNotHonoured,
            "the offer asks for server_max_window_bits=\(most), the response \(said)"
          ))
      }
    }
    return faults
  }

  /// "a decimal integer value without leading zeroes between 8 to 15 inclusive", §7.1.2.
  private static func windowBits(_ value: String?) -> Int? {
    guard let value, let bits = Int(value), (8...15).contains(bits), value == "\(bits)" else { return nil }
    return bits
  }
}
