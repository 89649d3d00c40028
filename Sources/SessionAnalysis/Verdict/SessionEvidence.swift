import WireBytes

/// All that is known of a session when it is over. Shared: it is large, and its judges and reports hand it on.
package final class SessionEvidence: Sendable {
  let facts: SessionFacts
  package let finish: SessionFinish

  /// Evidence from the facts about a session and how its connection ended.
  package init(_ facts: SessionFacts, _ finish: consuming SessionFinish) {
    (self.facts, self.finish) = (facts, finish)
  }
}
