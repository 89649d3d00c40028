import SessionAnalysis
import WireBytes

extension Evidence {
  /// One line: `packet 271: FIN from the server`.
  package var line: String { line(.usual) }

  /// The same of a leg, on which one of the sides is a proxy.
  func line(_ names: SideNames) -> String {
    switch self {
    case .recognised(let packet, let lacking, let reason):
      "packet \(packet): no \(lacking.noun) captured; inferred from \(reason)"
    case .status(let status, let packet): "packet \(packet): HTTP status \(status)"
    case .lastBytes(let side, let packet, let before):
      "packet \(packet): the last bytes, from the \(names[side]), \(DurationText.precise(before)) earlier"
    case .fin(let side, let packet): "packet \(packet): FIN from the \(names[side])"
    case .oneFin(let side, let packet):
      "packet \(packet): FIN from the \(names[side]), none from the \(names[side.peer])"
    case .bothFins(let first?, let firstPacket?, let packet):
      "FIN from the \(names[first]) in packet \(firstPacket), from the \(names[first.peer]) in packet \(packet)"
    case .bothFins(let first, _, let packet):
      "FIN from both sides" + (first.map { ", first from the \(names[$0])" } ?? "")
        + "; the second in packet \(packet)"
    case .close(let close, let reason, let packet):
      "packet \(packet): Close \(CloseCodePhrasing.noun(close))"
        + (reason.isEmpty ? "" : " \"\(reason)\"")
        + " from the \(close.side.name)"
    case .objection(let objection): objection.line
    case .crossing(let packet, let later):
      "the Close in packet \(later) does not acknowledge the one in packet \(packet): they crossed (inferred)"
    case .bytesAfterFin(let side, let packet):
      "packet \(packet): the last bytes from the \(names[side]), sent after that"
    case .openPings(let count, let side, let packet):
      "\(Counted.text(count, "ping")) from the \(names[side]) unanswered, the last in packet \(packet)"
    case .unacknowledged(let left, let side):
      "\(Counted.text(left.bytes, "byte")) from the \(names[side]) never acknowledged, retransmitted \(left.repetitions) times "
        + "within \(DurationText.seconds(left.time))"
    case .closedWindow(let side, let time, let packet):
      "packet \(packet): the receive window of the \(names[side]) became zero, and stayed so to the end, "
        + "for \(DurationText.seconds(time))"
    case .reset(let side, let packet):
      "packet \(packet): RST" + (side.map { " from the \(names[$0])" } ?? "")
    case .newConnection(let packet):
      "packet \(packet): SYN of a new connection between the same endpoints"
    case .captureEnded(let time): "the capture ended; last packet of the connection at \(time)"
    case .evicted(let time): "last packet of the connection at \(time)"
    }
  }
}

extension Objection {
  fileprivate var line: String {
    switch finding {
    case .noRuleBroken(let oddity):
      "nothing that the \(of.name) sent breaks a rule of framing"
        + (oddity.map { "; its \($0.phrase)" } ?? "")
    case .lastMessage(let opcode?): "the last message from the \(of.name) is \(opcode.name)"
    case .lastMessage(nil): "the \(of.name) sent no message"
    case .allTextValid: "all text that the \(of.name) sent is valid UTF-8"
    case .largest(let bytes): "the largest message from the \(of.name) has \(Counted.text(bytes, "byte"))"
    }
  }
}

extension Objection.Oddity {
  /// `frame in packet 12 came in two segments`
  fileprivate var phrase: String {
    switch kind {
    case .frames(let count): "message in packet \(packet) came in \(Self.number(count)) frames"
    case .segments(let count): "frame in packet \(packet) came in \(Self.number(UInt64(count))) segments"
    case .compressed: "message in packet \(packet) was compressed"
    }
  }

  private static func number(_ count: UInt64) -> String { count == 2 ? "two" : "\(count)" }
}

extension Evidence.Lacking {
  fileprivate var noun: String {
    switch self {
    case .handshake: "handshake"
    case .response: "complete response to the upgrade request"
    }
  }
}
