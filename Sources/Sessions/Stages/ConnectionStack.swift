import HTTP1
import SessionAnalysis
import TCPReassembly
import WireBytes

/// One TCP connection that carries payload: the stage that reads it, and the facts that outlive a stage.
struct ConnectionStack: ~Copyable {
  let info: ConnectionInfo
  /// Only `Dispatcher.move` sets it.
  var stage = Stage.detecting
  /// Whether bytes before the first captured one are missing: a handshake may be among them.
  var hasLostStart = false
  /// Memory of a midstream detector or a reader of preambles that is counted in the pool.
  var heldCost = 0
  /// What the budget knows to be held by an exchange of HTTP messages.
  var charged = 0
  /// What its preambles say; nil if there were none.
  var route: Route?
  /// The session of an upgrade request whose response is not in the capture.
  var unanswered: SessionRecord?
  /// Sessions whose upgrade was not granted; they end with the connection.
  var refused: [SessionRecord] = []
  /// What is missing at the start of the connection. An object, because it is rare and there may be 200,000 connections.
  private var startDamage: StartDamage?
  /// The FIN that was captured first. Not a `FirstFin`, which is three times as large.
  var firstFin: (side: Side, position: StreamPosition)?
  /// What TCP did to its bytes.
  var transport: ConnectionTransport?

  /// Sessions whose upgrade was not granted that are kept open on one connection: a client may try forever.
  static let refusedLimit = 64

  init(info: ConnectionInfo) { self.info = info }

  /// Whether the first bytes of the connection are not in the capture.
  var lacksStart: Bool { hasLostStart || !info.sawStart }

  /// The session whose frames are read.
  var session: SessionRecord? {
    if case .webSocket(let reading) = stage { reading.session } else { nil }
  }

  /// What is missing at the start; nil if nothing is.
  var damage: StartDamage? { startDamage }

  /// The place to note what is missing at the start.
  mutating func noteDamage() -> StartDamage {
    if let startDamage { return startDamage }
    let damage = StartDamage()
    startDamage = damage
    return damage
  }

  /// What is missing at the start of a connection.
  final class StartDamage {
    /// The handshake of which only the start of the request was captured, and no status of a response: it may have asked for an
    /// upgrade.
    var cutRequest: Handshake?
    /// The handshake of a 101 that was cut before it said what to, until it is known whether frames follow.
    var unnamedSwitch: Handshake?
    /// The session of an unanswered request whose connection this one is, too.
    var original: TranslatedConnections.Original?
    /// That request as it was captured here.
    var originalRequest: HTTPHead?
    /// Bytes from before the stream's start that arrived after it, by direction.
    var bytesBefore: InlineArray<2, UInt64> = [0, 0]
  }
}
