import SessionAnalysis
import WireBytes

extension ProxyLeg {
  /// `the leg between the client and a proxy; #2 is the other one, by its key; the request took 680 µs through the proxy`
  var phrase: String {
    "the leg \(LegComparison.place(isFront: isFront)); #\(of) is the other one, "
      + (isInferred ? "inferred from their requests; " : "by its key; ")
      + "the request took \(TimeSpan(delay).text) through the proxy"
  }
}

extension LegComparison {
  fileprivate static func place(isFront: Bool) -> String {
    isFront ? "between the client and a proxy" : "between a proxy and the server"
  }

  /// What is known of the other leg, and how long the proxy took.
  var phrases: [String] {
    var heading = "the leg \(Self.place(isFront: isFront)); #\(of) is the other one"
    switch basis {
    case .key: heading += ", by its key"
    case .request: heading += ", inferred from their requests"
    case .content(let equal, let of, let alternatives):
      heading += ", inferred from \(Counted.text(equal, "equal message")) of \(of)"
      if alternatives > 0 { heading += " (\(Counted.text(alternatives, "other session")) would fit as well)" }
    }
    // The leg that ends last tells the rest.
    guard isFinal, refusal == nil else { return [heading] }
    heading += "; \(Counted.text(matched, "message")) on both"
    if notCompared > 0 { heading += ", \(notCompared) not compared" }
    return [heading]
      + [(toServer, "server"), (toClient, "client")].compactMap { delays, direction in
        delays.quantile(perMille: 500).map {
          "the proxy adds \(TimeSpan($0).text) to the \(direction)\(delays.spread(withShortest: true))"
        }
      }
  }

  /// How both legs ended, or who refused the upgrade.
  func endingPhrases(seenFrom session: UInt64) -> [String] {
    let (front, back) = sessions(for: session)
    guard refusal != nil || ending != nil else { return [] }
    guard isFinal else { return ["the verdict on both legs is with #\(of)"] }
    if let refusal { return [refusal.phrase(front: front, back: back)] }
    return ending?.steps(front: front, back: back) ?? []
  }

  /// The messages in which the legs differ, as `session`, whose comparison it is, numbers them.
  func differencePhrases(seenFrom session: UInt64) -> [String] {
    guard isFinal else { return [] }
    let (front, back) = sessions(for: session)
    let phrases = differences.map { $0.phrase(front: front, back: back) }
    guard differenceCount > UInt64(differences.count) else { return phrases }
    return phrases + ["… \(differenceCount) differences in all"]
  }

  /// What may explain them.
  var lossPhrase: String? {
    guard isFinal, differenceCount > 0, lostBytes > 0 else { return nil }
    return
      "perhaps because \(Counted.text(lostBytes, "byte")) \(lostBytes == 1 ? "was" : "were") not captured"
  }
}

extension LegDifference {
  /// `only #1 has message 3 from the client: packet 20, 14 bytes`
  fileprivate func phrase(front frontSession: UInt64, back backSession: UInt64) -> String {
    switch (front, back) {
    case (let front?, let back?):
      "message \(front.number) from the \(side.name) differs: packet \(front.packet) of #\(frontSession) "
        + "(\(Counted.text(front.bytes, "byte"))), packet \(back.packet) of #\(backSession) "
        + "(\(Counted.text(back.bytes, "byte")))"
    case (let only?, nil): phrase(only, in: frontSession)
    case (nil, let only?): phrase(only, in: backSession)
    case (nil, nil): ""
    }
  }

  private func phrase(_ message: MessageFingerprint, in session: UInt64) -> String {
    "only #\(session) has message \(message.number) from the \(side.name): packet \(message.packet), "
      + Counted.text(message.bytes, "byte")
  }
}
