import SessionAnalysis
import WireBytes

extension LegsEnding {
  /// How the session over both legs ended: `closed by the proxy between #2 and #1, 60.0 s after the last byte (nginx proxy_read_timeout)`.
  func sentence(front: UInt64, back: UInt64) -> String {
    let name = closedBy == .both ? "both sides at once" : "the \(closedBy.rawValue)"
    let code = if case .close(let code) = first.act.kind { " " + CloseCodePhrasing.phrase(code) } else { "" }
    if closedBy == .proxy {
      return "\(first.act.kind.verb) by \(name) between #\(front) and #\(back)\(code)\(silence)"
    }
    return code.isEmpty
      ? "TCP \(first.act.kind.verb) by \(name) without a Close frame (a browser reports 1006)"
      : "closed by \(name)\(code)"
  }

  /// `, 60.0 s after the last byte (nginx proxy_read_timeout)`
  private var silence: String {
    guard let idle, idle >= Self.longSilence else { return "" }
    let sentence = ", \(DurationText.seconds(idle)) after the last byte"
    guard case .silence? = cause else { return sentence }
    let names = timeouts.map(\.name)
    // The answer tells which proxy it is; otherwise several have the same default.
    if names.count == 1, product != nil { return sentence + " (\(names[0]))" }
    if !names.isEmpty { return sentence + " (perhaps \(names.joined(separator: ", ")))" }
    guard mayBeTimeout else { return sentence }
    let setting = product.flatMap { IdleTimeout.first(of: $0) }
    return sentence
      + (setting.map { " (perhaps \($0.name), by default \($0.seconds) s)" } ?? " (perhaps an idle timeout)")
  }

  /// What led to it, unless the sentence says it; `session` tells it. Packets of the other leg are named with it.
  func causePhrase(in session: UInt64, _ leg: LegComparison) -> String? {
    guard let phrase = causePhrase else { return nil }
    let (front, back) = leg.sessions(for: session)
    let shown = isCauseOfFront ? front : back
    return shown != session && cause?.namesPacket ?? false ? phrase + " (#\(shown))" : phrase
  }

  private var causePhrase: String? {
    guard let cause else { return nil }
    if closedBy == .proxy {
      if case .silence = cause { return nil }
      if case .serverRestart(let others, _) = cause {
        return "when the proxy ended \(Counted.text(others, "other session")) within a second"
      }
    }
    return cause.phrase
  }

  /// What was sent on both legs, in the order of time: `the proxy then closed #1 after 63 µs (FIN in packet 28)`.
  func steps(front: UInt64, back: UInt64) -> [String] {
    let session = { (step: Step) in step.isFront ? front : back }
    guard let second else {
      let other = first.isFront ? back : front
      return [
        "\(Self.subject(first)) \(first.act.kind.verb) #\(session(first)) (\(first.place)); "
          + "nothing ended #\(other) in the capture"
      ]
    }
    let delay = second.act.time.nanoseconds(since: first.act.time)
    let later = delay >= 0 ? "\(TimeSpan(delay).text) later" : "\(TimeSpan(-delay).text) earlier"
    if isPassedOn, second.isByProxy {
      return ["the proxy passed the Close on to #\(session(second)) in packet \(second.act.packet), \(later)"]
    }
    let beginning =
      "\(Self.subject(first)) \(first.act.kind.verb) #\(session(first)) (\(first.place))"
    let who = first.isByProxy && second.isByProxy ? "" : "\(Self.subject(second)) \(second.act.kind.verb) "
    return [beginning + ", and \(who)#\(session(second)) \(later) (\(second.place))"]
  }

  private static func subject(_ step: Step) -> String { "the \(step.sender.rawValue)" }
}

extension LegsEnding.Step {
  /// `FIN in packet 28`
  fileprivate var place: String {
    switch act.kind {
    case .close(let code): "Close \(CloseCodePhrasing.noun(code)) in packet \(act.packet)"
    case .fin: "FIN in packet \(act.packet)"
    case .reset: "RST in packet \(act.packet)"
    }
  }
}

extension LegAct.Kind {
  fileprivate var verb: String {
    switch self {
    case .close, .fin: "closed"
    case .reset: "reset"
    }
  }
}
