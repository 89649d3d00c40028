import SessionAnalysis
import Sessions
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// How a capture is analyzed, and the limits that hold. What is looked at beyond that follows from the `needs` of whoever takes
/// the events.
public struct AnalysisOptions: Sendable {
  /// Inflate permessage-deflate messages.
  public var inflates = true
  /// Output of one message that is looked at, in bytes; what is beyond is inflated only to keep the stream in step.
  public var inflatedBytes = DecodingOptions().inflatedBytes
  /// Hide cookies, credentials and tokens of handshakes in events (`Secrets`). Payloads of messages stay as they are.
  public var hidesSecrets = false
  /// JSON members whose values are hidden in payloads; nil shows payloads as they were sent.
  public var redactedMembers: MemberNames?
  /// Bytes that searches for frames without a handshake hold, for all connections.
  public var midstreamBytes = 32 << 20
  /// What may wait of all connections together, in bytes (`MemoryBudget`).
  public var memory = MemoryBudget.defaultLimit
  /// Reassembly of TCP.
  public var reassembly = ReassemblyLimits()
  /// Which connections are looked at, and as what.
  public var ports = PortOptions()

  /// The defaults.
  public init() {}

  /// Segments after gaps may have an eighth of the memory.
  var limitsWithinMemory: ReassemblyLimits {
    var limits = reassembly
    limits.pendingInAll = min(limits.pendingInAll, memory / 8)
    return limits
  }

  /// Payload bytes of a message that are looked at for what is to be hidden.
  private static let payloadWithHidden = 64 << 10

  /// How frames and messages are decoded for somebody with these needs.
  func decoding(for needs: EventNeeds) -> DecodingOptions {
    var decoding = DecodingOptions()
    (decoding.inflates, decoding.inflatedBytes) = (inflates, inflatedBytes)
    (decoding.keptPayload, decoding.reportsFrames) = (ShorteningSink.payloadBytes(for: needs), needs.frames)
    decoding.reportsMessages = needs.messages
    // What is hidden in a message has to be known where something repeats it, however little of it is shown.
    if redactedMembers != nil, needs.messages {
      decoding.keptPayload = max(decoding.keptPayload, Self.payloadWithHidden)
    }
    return decoding
  }
}
