import SessionAnalysis

extension Verdict {
  /// How the session ended and why, in one sentence without a full stop. Parts of it may be a peer's words.
  package var sentence: String {
    var sentence = ending.sentence
    if let cause { sentence += ", \(cause.phrase)" }
    if let silentReceiver { sentence += "; the \(silentReceiver.name) had stopped acknowledging" }
    if lacksResponse {
      sentence += "; the response to the upgrade request was not captured, but frames followed"
    }
    return sentence
  }

  /// What the sentence rests on, a line each. Parts may be a peer's words.
  package var evidenceLines: [String] { evidence.map(\.line) }
}
