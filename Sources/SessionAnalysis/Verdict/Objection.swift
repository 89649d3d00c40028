import WebSocketDecoding
import WireBytes

/// A Close whose code says that the peer did something wrong, where nothing is known that its peer did wrong: what speaks against it.
///
/// Without it a reader would search the capture for what is not there. The mistake may be the closing side's own, or that of
/// something in between that changed what it sent.
public struct Objection: Sendable, Equatable {
  /// What the code is about (RFC 6455 §7.4.1), and what was seen of that.
  public enum Finding: Sendable, Equatable {
    /// 1002: no rule was broken. The last message that came in an unusual way.
    case noRuleBroken(Oddity?)
    /// 1003: the last message was of this kind; nil without a message.
    case lastMessage(Opcode?)
    /// 1007: all text was valid UTF-8.
    case allTextValid
    /// 1009: the largest message had so many bytes.
    case largest(UInt64)
  }

  /// A message that is as it should be, in a way that programs get wrong.
  public struct Oddity: Sendable, Equatable {
    /// How it came.
    public enum Kind: Sendable, Equatable {
      /// In more than one frame.
      case frames(UInt64)
      /// In one frame that was in so many segments.
      case segments(Int)
      /// Compressed.
      case compressed
    }

    /// How it came.
    public let kind: Kind
    /// The packet that it begins in.
    public let packet: UInt64

    init(_ kind: Kind, packet: UInt64) { (self.kind, self.packet) = (kind, packet) }
  }

  /// Who broke nothing.
  public let of: Side
  /// What was seen.
  public let finding: Finding

  init(_ side: Side, _ finding: Finding) { (of, self.finding) = (side, finding) }

  /// Nil if the Close of a side has another code, or if something of its peer may be why.
  init?(_ close: CloseFrame, from side: Side, of peer: SideSummary, _ facts: SessionFacts) {
    // What is missing may have been wrong.
    guard peer.isWhole else { return nil }
    let broken = facts.violations(of: side.peer).filter {
      $0.packet > facts.opened.packet && $0.packet <= close.position.packet
    }
    switch close.code {
    case 1002:
      guard broken.isEmpty else { return nil }
      finding = .noRuleBroken(Oddity(peer, before: close.position.packet))
    case 1003: finding = .lastMessage(peer.lastOpcode)
    case 1007:
      let isRead = peer.lastInPieces?.inflated ?? true
      guard isRead,
        !broken.contains(where: {
          ViolationSearch.ofPayload.contains($0.rule.name) || $0.rule == ViolationSearch.outOfStep
        })
      else {
        return nil
      }
      finding = .allTextValid
    case 1009:
      guard
        !broken.contains(where: {
          $0.rule == FramingRule.lengthTopBit.rule || $0.rule == ViolationSearch.outOfStep
        })
      else { return nil }
      finding = .largest(peer.largestMessage)
    default: return nil
    }
    of = side.peer
  }
}

extension Objection.Oddity {
  /// Of the last message of a side that came in an unusual way before this packet.
  init?(_ side: SideSummary, before packet: UInt64) {
    guard let message = side.lastInPieces, message.complete, message.last.packet < packet
    else { return nil }
    let packet = message.first.packet
    if message.frames > 1 {
      self.init(.frames(message.frames), packet: packet)
    } else if side.lastInPiecesPackets > 1 {
      self.init(.segments(side.lastInPiecesPackets), packet: packet)
    } else if message.compressed {
      self.init(.compressed, packet: packet)
    } else {
      return nil
    }
  }
}
