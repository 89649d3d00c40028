import TCPReassembly
import WireBytes

/// A session that may be a leg around a proxy: its first messages, by which the other leg is found.
package final class ProxyLegCandidate {
  let session: UInt64
  let client: Endpoint
  let server: Endpoint
  /// When it was asked for.
  let start: CaptureTime
  /// The addresses that the request was forwarded for, and other words of a proxy about them.
  let forwardedFor: [String]
  /// The client's address, as a proxy writes it.
  private(set) lazy var clientName = client.address.description
  /// Nothing was to speak for it when its messages were remembered.
  let isOnTrial: Bool
  /// Its first messages may not be among those seen.
  private(set) var startsLate: Bool
  /// How it ended.
  var end: End?
  /// What began its end, as far as it is captured.
  private(set) var act: LegAct?
  /// Its handshake, until its other leg is found, or no longer looked for.
  var handshake: LegHandshake?
  /// Its other leg is looked for.
  var isSearched: Bool
  /// Its first messages that tell whose they are, by which it is listed.
  private(set) var firstWords: [UInt64] = []
  var asFront: ProxyLegPair?
  var asBack: ProxyLegPair?

  private var fromClient: [MessageFingerprint] = []
  private var fromServer: [MessageFingerprint] = []
  private var counts: (client: UInt64, server: UInt64) = (0, 0)

  /// How a session ended, as far as its legs are concerned.
  package struct End {
    var time: CaptureTime
    /// The session's end is in the capture.
    var isCaptured: Bool
    var lostBytes: UInt64
    /// What began it; nil if nothing did.
    var act: LegAct?
    /// When the last byte before that came.
    var lastByte: CaptureTime?

    /// An end from its parts. `idle`: how long nobody had sent a byte when it began, in nanoseconds.
    package init(
      time: CaptureTime, isCaptured: Bool, lostBytes: UInt64, act: LegAct? = nil, idle: Int64? = nil
    ) {
      (self.time, self.isCaptured, self.lostBytes, self.act) = (time, isCaptured, lostBytes, act)
      if let act, let idle { lastByte = CaptureTime(nanoseconds: act.time.nanoseconds &- idle) }
    }
  }

  /// Messages of a session that are remembered.
  static let limit = 64
  /// Of a session for which nothing speaks, and whose messages are large, not so many: it would cost more to hash them than to
  /// put them together.
  static let unlikelyLimit = 16
  private static let unlikelyBytes: UInt64 = 1 << 20
  private let isUnlikely: Bool
  private var hashedBytes: UInt64 = 0

  /// `isUnlikely`: there is no sign of a proxy so far.
  init(
    session: UInt64, client: Endpoint, server: Endpoint, hasHandshake: Bool, forwardedFor: String?,
    start: CaptureTime, startsLate: Bool, isOnTrial: Bool, isUnlikely: Bool
  ) {
    self.isUnlikely = isUnlikely
    self.session = session
    (self.client, self.server) = (client, server)
    self.start = start
    self.isOnTrial = isOnTrial
    self.startsLate = startsLate
    isSearched = !startsLate || !hasHandshake
    self.forwardedFor = forwardedFor?.split { ", ;=\"[]".contains($0) }.map(String.init) ?? []
  }

  var count: Int { fromClient.count + fromServer.count }

  var isFull: Bool {
    count >= Self.limit || isUnlikely && hashedBytes >= Self.unlikelyBytes && count >= Self.unlikelyLimit
  }

  func messages(of side: Side) -> [MessageFingerprint] { side == .client ? fromClient : fromServer }

  func nextNumber(of side: Side) -> UInt64 {
    if side == .client { counts.client &+= 1 } else { counts.server &+= 1 }
    return side == .client ? counts.client : counts.server
  }

  func add(_ message: MessageFingerprint, from side: Side) {
    guard !isFull else { return }
    hashedBytes &+= message.bytes
    if side == .client { fromClient.append(message) } else { fromServer.append(message) }
  }

  /// Whether it is to be listed by this message.
  func addFirstWord(_ message: MessageFingerprint) -> UInt64? {
    guard firstWords.count < Self.firstWordLimit, message.bytes >= MessageFingerprint.telling,
      let hash = message.hash,
      !firstWords.contains(hash)
    else { return nil }
    firstWords.append(hash)
    return hash
  }

  private static let firstWordLimit = 8

  /// Before the other one, of two that were asked for in the same way.
  func begins(before other: ProxyLegCandidate) -> Bool {
    let apart = start.nanoseconds(since: other.start)
    return apart < 0 || apart == 0 && session < other.session
  }

  /// Something began its end: what was captured first counts.
  package func note(_ act: LegAct) {
    guard self.act.map({ act.packet < $0.packet }) ?? true else { return }
    self.act = act
    asFront?.note(act, ofFront: true)
    asBack?.note(act, ofFront: false)
  }

  func forgetMessages() {
    firstWords = []
    handshake = nil
    startsLate = startsLate || count > 0
    (fromClient, fromServer) = ([], [])
  }

  var pairs: [ProxyLegPair] { [asFront, asBack].compactMap { $0 } }

  /// What it says is compared, or may be.
  package var isWanted: Bool { end == nil && (isSearched || asFront != nil || asBack != nil) }
}
