import SessionAnalysis
import Sessions

extension SessionClose {
  /// How the session ended, without the cause. Of a leg whose own end takes the proxy for one of the two ends, or says another side
  /// than the order of time on both legs does, how both ended.
  var endingSentence: String {
    guard isToldOfLegs, let (leg, ending) = legsEnding else { return verdict.ending.sentence }
    let (front, back) = leg.sessions(for: session.number)
    return ending.sentence(front: front, back: back)
  }

  /// Whether `endingSentence` is about both legs.
  var isToldOfLegs: Bool {
    guard let (leg, ending) = legsEnding else { return false }
    if case .reset(let side?, fin: _?, late: nil, isOnTheWay: _) = verdict.ending,
      side == (leg.isFront ? .server : .client)
    {
      return true
    }
    return ending.closedBy != verdict.closedBy
  }

  /// What led to the end, unless `endingSentence` says it.
  var causePhrase: String? {
    guard let (leg, ending) = legsEnding else { return verdict.cause?.phrase }
    return leg.isFinal ? ending.causePhrase(in: session.number, leg) : nil
  }

  /// How the session ended and why, in one sentence without a full stop. Parts of it may be a peer's words.
  package var sentence: String {
    guard let (leg, ending) = legsEnding else { return verdict.sentence }
    let cause = leg.isFinal ? ending.causePhrase(in: session.number, leg) : cause?.phrase
    return endingSentence + (cause.map { ", \($0)" } ?? "") + verdict.addition
  }

  /// What that rests on, a line each.
  package var evidenceLines: [String] {
    guard let leg = legsEnding?.leg else { return verdict.evidenceLines }
    let names = legs.count > 1 ? SideNames.usual : leg.isFront ? .onFront : .onBack
    return verdict.evidence.map { $0.line(names) }
  }
}
