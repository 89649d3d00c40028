import Testing
import WireBytes

@testable import WebSocketDecoding

/// What a header breaks by itself, without a decoder.
@Suite struct HeaderRulesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let frame: TestFrame
    var side = Side.server
    var compression = SideCompression.none
    var sawClose = false
    let broken: [FramingRule]
    var mayBeFrame = true

    var testDescription: String { "\(frame.bytes) from the \(side.name): \(broken)" }
  }

  private static let key: [UInt8] = [1, 2, 3, 4]

  @Test(
    "A header breaks these rules, in this order",
    arguments: [
      Case(frame: TestFrame("a"), broken: []),
      Case(frame: TestFrame("a", key: key), side: .client, broken: []),
      Case(frame: TestFrame("a"), side: .client, broken: [.unmaskedClientFrame], mayBeFrame: false),
      Case(frame: TestFrame("a", key: key), broken: [.maskedServerFrame], mayBeFrame: false),
      Case(frame: TestFrame(Opcode(rawValue: 3)), broken: [.reservedOpcode], mayBeFrame: false),
      Case(frame: TestFrame(Opcode(rawValue: 11)), broken: [.reservedOpcode], mayBeFrame: false),
      Case(frame: TestFrame(.text, reserved: 4), broken: [.rsv1WithoutExtension], mayBeFrame: false),
      Case(frame: TestFrame(.text, reserved: 4), compression: SideCompression(), broken: []),
      Case(
        frame: TestFrame(.continuation, reserved: 4), compression: SideCompression(),
        broken: [.rsv1OnContinuation]),
      Case(
        frame: TestFrame(.continuation, reserved: 4), compression: SideCompression(isPerFrame: true),
        broken: []),
      Case(
        frame: TestFrame(.ping, reserved: 4), compression: SideCompression(), broken: [.rsv1OnControlFrame],
        mayBeFrame: false),
      Case(frame: TestFrame(.text, reserved: 2), broken: [.reservedBit], mayBeFrame: false),
      Case(frame: TestFrame(.text, reserved: 1), broken: [.reservedBit], mayBeFrame: false),
      Case(frame: TestFrame("a").with(lengthBytes: 2), broken: [.nonMinimalLength]),
      Case(frame: TestFrame(.text).with(lengthBytes: 8, claimed: 65_535), broken: [.nonMinimalLength]),
      Case(frame: TestFrame(.text).with(claimed: 65_536), broken: []),
      Case(frame: TestFrame(.ping).with(claimed: 125), broken: []),
      Case(frame: TestFrame(.ping).with(claimed: 126), broken: [.longControlFrame], mayBeFrame: false),
      Case(frame: TestFrame(.pong, fin: false), broken: [.fragmentedControlFrame], mayBeFrame: false),
      Case(frame: TestFrame("a"), sawClose: true, broken: [.frameAfterClose]),
      Case(frame: TestFrame(.ping), sawClose: true, broken: []),
      Case(frame: TestFrame(.close), sawClose: true, broken: [.repeatedClose]),
      Case(
        frame: TestFrame(.close, fin: false, reserved: 7, key: key).with(claimed: 200), sawClose: true,
        broken: [
          .maskedServerFrame, .rsv1OnControlFrame, .reservedBit, .repeatedClose, .fragmentedControlFrame,
          .longControlFrame,
        ], mayBeFrame: false),
    ])
  func table(example: Case) {
    let bytes = example.frame.bytes
    guard let header = FrameHeader(parsing: bytes.span) else {
      Issue.record("no header")
      return
    }
    let rules = HeaderRules(side: example.side, compression: example.compression, sawClose: example.sawClose)
    var broken: [FramingRule] = []
    rules.check(header) { rule, _ in broken.append(rule) }
    #expect(broken == example.broken)
    #expect(rules.mayBeFrame(header) == example.mayBeFrame)
  }
}
