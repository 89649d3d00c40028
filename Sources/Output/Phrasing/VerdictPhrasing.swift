import SessionAnalysis

extension Verdict {
  /// How the session ended and why, in one sentence without a full stop. Parts of it may be a peer's words.
  package var sentence: String {
    var sentence = ending.sentence
    if let cause { sentence += ", \(cause.phrase)" }
    return sentence + addition
  }

  /// What else is to be said of the end.
  var addition: String {
    var addition = ""
    if let silentReceiver { addition += "; the \(silentReceiver.name) had stopped acknowledging" }
    if let stoppedReader { addition += "; the \(stoppedReader.name) had stopped reading" }
    if lacksResponse {
      addition += "; the response to the upgrade request was not captured, but frames followed"
    }
    return addition
  }

  /// What the sentence rests on, a line each. Parts may be a peer's words.
  package var evidenceLines: [String] { evidence.map(\.line) }
}
