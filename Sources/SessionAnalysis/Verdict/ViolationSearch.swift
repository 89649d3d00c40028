import WebSocketDecoding
import WireBytes

/// Looks for the violation that a side ended a session on.
///
/// A violation long before the end, or one that the side tolerated, did not cause it. So the violation has to be the last thing
/// before the end, or the Close has to say that it is the reason, and the rule must not have been broken before without an end.
struct ViolationSearch {
  let facts: SessionFacts
  /// Who ended the session, and when it began to.
  let ender: Side
  let time: CaptureTime
  /// The Close frame that began the end.
  let close: CloseFrame?
  /// When the ender's last bytes came before that.
  let lastOfEnder: CaptureTime?
  /// When its peer's last bytes came before that.
  let lastOfPeer: CaptureTime?

  /// A side that goes on for so long with its peer tolerates what that did, in nanoseconds.
  static let patience: Int64 = 5_000_000_000
  /// What it says within this time may have been on its way, in nanoseconds.
  private static let flight: Int64 = 500_000_000

  /// Codes that say that the peer did something wrong (RFC 6455 §7.4.1), with the rules that each is about.
  var found: Violation? {
    let all = facts.violations(of: ender.peer)
    if all.isEmpty { return nil }
    let broken = all.filter {
      $0.packet <= close?.position.packet ?? .max && time.nanoseconds(since: $0.position.time) >= 0
    }.sorted { $0.packet < $1.packet }
    let mayBe = broken.reversed().filter {
      (!isOld($0) || isLastOfBoth($0)) && !wasTolerated($0.rule, in: broken)
    }
    return switch close?.code {
    case 1007: mayBe.first { Self.ofPayload.contains($0.rule.name) || $0.rule == Self.outOfStep }
    case 1009: mayBe.first { $0.rule == FramingRule.lengthTopBit.rule || $0.rule == Self.outOfStep }
    case 1002:
      mayBe.first { !Self.ofPayload.contains($0.rule.name) } ?? mayBe.first
    // These do not say of what kind it was; a reason does.
    case 1003, 1008, 1010:
      close?.reason.isEmpty ?? true ? broken.last.flatMap { isLastThing($0) ? $0 : nil } : nil
    // Without a code: a RST or FIN right after. How a server answered the handshake is judged by itself.
    case nil where close == nil:
      broken.last.flatMap { isLastThing($0) && $0.packet > facts.opened.packet ? $0 : nil }
    default: nil
    }
  }

  /// A stream that is out of step has text and lengths that its sender never wrote.
  static let outOfStep = FramingRule.outOfStep.rule
  static let ofPayload: Set<String> = [
    FramingRule.invalidUTF8.rule.name, FramingRule.invalidUTF8CloseReason.rule.name,
    FramingRule.inflationFailed.rule.name, FramingRule.windowExceeded.rule.name,
    FramingRule.deflateTail.rule.name,
  ]

  private func isOld(_ violation: Violation) -> Bool {
    time.nanoseconds(since: violation.position.time) >= Self.patience
  }

  /// Neither side sent anything after it: however late, what the code says is about it.
  private func isLastOfBoth(_ violation: Violation) -> Bool {
    [lastOfEnder, lastOfPeer].allSatisfy { $0?.nanoseconds(since: violation.position.time) ?? 0 <= 0 }
  }

  /// The ender sent nothing after it, and ended soon.
  private func isLastThing(_ violation: Violation) -> Bool {
    !isOld(violation) && (lastOfEnder?.nanoseconds(since: violation.position.time) ?? 0) <= 0
  }

  /// The rule was broken more than once, and the ender went on meanwhile: it said something, or let time pass.
  private func wasTolerated(_ rule: Rule, in broken: [Violation]) -> Bool {
    let same = broken.filter { $0.rule == rule }
    // Pings go on until it is enough.
    guard let first = same.first, let last = same.last, rule != SessionRule.pongPayloadDiffers else {
      return false
    }
    let time = last.position.time.nanoseconds(since: first.position.time)
    return time >= Self.patience
      || time >= Self.flight && same.contains { $0.afterPacket ?? 0 > first.packet }
  }
}
