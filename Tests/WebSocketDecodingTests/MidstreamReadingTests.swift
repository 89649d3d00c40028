import Testing
import WireBytes

@testable import WebSocketDecoding

/// Who is the client, by what both directions show.
@Suite struct MidstreamReadingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    /// Bits for unmasked and for masked frames, of the provisional client and the provisional server.
    let scores: [(Double, Double)]
    var isClientKnown = false
    var likelyClient: Side?
    /// The client, and which sides mask; nil when there is no reading.
    let expected: (Side, [Bool])?
    var bits = 0.0

    var testDescription: String { what }
  }

  @Test(
    "The reading that is most likely is taken",
    arguments: [
      Case(what: "nothing is seen", scores: [(0, 0), (0, 0)], expected: nil),
      Case(
        what: "one masks, the other does not", scores: [(0, 20), (15, 0)],
        expected: (.client, [true, false]), bits: 35),
      Case(
        what: "the other way round", scores: [(15, 0), (0, 20)], expected: (.server, [false, true]), bits: 35),
      Case(
        what: "the other way round, and it is known who is the client", scores: [(15, 1), (0, 20)],
        isClientKnown: true, expected: (.client, [true, true]), bits: 1),
      Case(
        what: "one direction alone", scores: [(0, 30), (0, 0)], expected: (.client, [true, false]), bits: 30),
      Case(what: "both ways are nearly as likely", scores: [(0, 12), (0, 5)], expected: nil),
      Case(
        what: "just 8 bits more likely", scores: [(0, 13), (0, 5)], expected: (.client, [true, false]),
        bits: 13),
      Case(
        what: "both mask, nobody knows who is the client", scores: [(0, 20), (0, 20)],
        expected: (.client, [true, true]), bits: 32),
      Case(
        what: "both mask, the ports tell who is the client", scores: [(0, 20), (0, 20)],
        likelyClient: .server,
        expected: (.server, [true, true]), bits: 32),
      Case(
        what: "both mask, but one showed too little", scores: [(0, 8.9), (0, 8.9)], expected: nil),
      Case(
        what: "neither masks", scores: [(30, 0), (30, 0)], likelyClient: .client,
        expected: (.client, [false, false]), bits: 36),
      Case(
        what: "the client masks, and the server masks too", scores: [(0, 40), (4, 9)],
        expected: (.client, [true, true]), bits: 44),
      Case(
        what: "a direction that cannot be frames with a mask",
        scores: [(0, 20), (15, -.infinity)], expected: (.client, [true, false]), bits: 35),
    ])
  func table(example: Case) {
    let scores = example.scores.map { MidstreamReading.Score(unmasked: $0.0, masked: $0.1) }
    let reading = MidstreamReading.best(
      [scores[0], scores[1]], isClientKnown: example.isClientKnown, likelyClient: example.likelyClient)
    #expect(reading?.client == example.expected?.0)
    #expect(reading.map { [$0.isMasked(.client), $0.isMasked(.server)] } == example.expected?.1)
    if let reading { #expect(reading.bits == example.bits) }
  }
}
