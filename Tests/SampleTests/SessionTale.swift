import Foundation

/// What the tool tells of one session, without what a session shares with others: numbers of packets are those of another
/// capture of the same session, numbers of sessions and what is found across sessions are left out.
struct SessionTale {
  /// Client, server, and how many sessions of the same ends came before it.
  struct Name: Hashable, Comparable, CustomStringConvertible {
    var client: String
    var server: String
    var ordinal: Int

    var description: String { "\(client) → \(server) (\(ordinal))" }

    static func < (a: Name, b: Name) -> Bool { a.description < b.description }
  }

  /// In the order in which they were told; the first opens the session, the last closes it.
  var events: [Event] = []

  /// What is found by comparing sessions.
  static let acrossSessions: Set<String> = [
    "legs_differ", "proxy_dropped_upgrade", "repeated_key", "reconnect_storm",
  ]

  /// The sessions of a run. `numbers` maps the run's packet numbers (from 1 on) to those to be told.
  static func all(in events: [Event], numbers: (Int) -> Int) -> [Name: SessionTale] {
    var names: [Int: Name] = [:]
    var tales: [Name: SessionTale] = [:]
    for event in events where event.session >= 0 {
      if event.name == "session_open" {
        var name = Name(client: event.endpoint("client"), server: event.endpoint("server"), ordinal: 0)
        while tales[name] != nil { name.ordinal += 1 }
        names[event.session] = name
      }
      if acrossSessions.contains(event.string("rule") ?? "") { continue }
      guard let name = names[event.session] else { continue }
      let own = event.without("session", "tcp_stream", "leg", "legs", "reconnect")
      tales[name, default: SessionTale()].events.append(own.renumbered(numbers))
    }
    return tales
  }

  var close: Event? { events.last { $0.name == "session_close" } }

  /// The first event that differs, as each has it.
  func difference(from other: SessionTale) -> String? {
    let (ours, theirs) = (events.map(\.canonical), other.events.map(\.canonical))
    guard ours != theirs else { return nil }
    let place = zip(ours, theirs).prefix { $0 == $1 }.count
    return """
      event \(place + 1):
        \(place < ours.count ? ours[place] : "(no more)")
        \(place < theirs.count ? theirs[place] : "(no more)")
      """
  }
}

extension Event {
  fileprivate func endpoint(_ side: String) -> String {
    let end = object(side)
    return "\(end?.string("ip") ?? "?"):\(end?.int("port") ?? -1)"
  }

  /// The event with other packet numbers, in members that hold one and in sentences.
  func renumbered(_ numbers: (Int) -> Int) -> Event {
    Event(members.reduce(into: [:]) { $0[$1.key] = Self.renumbered($1.value, in: $1.key, numbers) })
  }

  private static func renumbered(_ value: Any, in key: String, _ numbers: (Int) -> Int) -> Any {
    switch value {
    case let members as [String: Any]: return Event(members).renumbered(numbers).members
    case let list as [Any]: return list.map { renumbered($0, in: key, numbers) }
    case let text as String:
      // What peers say may have the word, too.
      guard ["verdict", "evidence", "detail"].contains(key) else { return text }
      return text.replacing(/packet (\d+)/) { "packet \(numbers(Int($0.1) ?? 0))" }
        .replacing(/\ between #\d+ and #\d+/, with: "")
    case let number as NSNumber where key == "packet" || key.hasSuffix("_packet"):
      return NSNumber(value: numbers(number.intValue))
    default: return value
    }
  }
}
