internal import CaptureInput
internal import SessionTimeline

/// The WebSocket conversations of a packet capture, as a sequence of events.
///
/// ```swift
/// import WebSocketCapture
///
/// for event in try WebSocketCapture(path: "capture.pcap") {
///   switch event {
///   case .sessionOpened(let session):
///     print("#\(session.session)", session.url ?? "a session whose handshake was not captured")
///   case .message(let message):
///     print("#\(message.session)", message.from, message.text ?? "\(message.payload.count) bytes")
///   case .sessionClosed(let session):
///     print("#\(session.session)", session.verdict)
///   case .captureEnded(let capture):
///     for damage in capture.damage { print(damage) }
///   default:
///     break
///   }
/// }
/// ```
///
/// Events stand in the order of the capture; those of several sessions are interleaved, each names its
/// `session`. They say what `wstap --json` says, under the same names (docs/json.md), and own all that they
/// hold: keep them, or send them to another task.
///
/// Packets are read as events are asked for, so memory follows the number of open connections, never the
/// size of the capture. The capture is read once: a second loop goes on where the first one stopped.
public struct WebSocketCapture: Sequence {
  private let reading: Reading

  /// Opens a capture; `-` reads standard input.
  ///
  /// Throws `CaptureError` when the file cannot be used at all. A file that is cut or damaged further on
  /// gives the events up to there, and `CaptureEnded.damage` says what is wrong with it.
  public init(path: String, options: Options = Options()) throws(CaptureError) {
    reading = try Reading(path: path, options: options)
  }

  /// Goes on where the last iterator stopped.
  public func makeIterator() -> Iterator { Iterator(reading: reading) }

  /// Reads packets until there is an event.
  public struct Iterator: IteratorProtocol {
    fileprivate let reading: Reading

    /// The next event; nil after `captureEnded`.
    public mutating func next() -> Event? { reading.next() }
  }

  /// What to decode, and how much of it to keep.
  public struct Options: Sendable, Hashable {
    /// Bytes of a payload that an event holds at most: 16 MiB if nothing else is said. What is beyond is
    /// still decoded, counted and checked.
    public var maximumPayload = 16 << 20
    /// Inflate compressed messages (permessage-deflate). Without it they show the bytes as they were sent.
    public var inflates = true
    /// Give a `frame` event for every frame, too.
    public var includesFrames = false

    /// The defaults.
    public init() {}
  }

  /// Why a capture cannot be used at all.
  public struct CaptureError: Error, Sendable, CustomStringConvertible {
    /// One line: the file, what is wrong with it, and what to do.
    public let description: String
  }
}

/// A run and the events that it has found and nobody has taken.
private final class Reading {
  private let events: EventCollector
  /// nil once the capture has ended: the file is closed then.
  private var run: CaptureRun?

  init(path: String, options: WebSocketCapture.Options) throws(WebSocketCapture.CaptureError) {
    let maximumPayload = max(options.maximumPayload, 0)
    var analysis = AnalysisOptions()
    analysis.decoding.keptPayload = maximumPayload
    analysis.decoding.inflates = options.inflates
    analysis.decoding.reportsFrames = options.includesFrames
    events = EventCollector(maximumPayload: maximumPayload)
    do throws(CaptureInput.CaptureError) {
      run = try CaptureRun(path: path, options: analysis, report: events)
    } catch {
      throw WebSocketCapture.CaptureError(description: error.description)
    }
  }

  func next() -> WebSocketCapture.Event? {
    while true {
      if let event = events.take() { return event }
      guard let advanced = run?.advance() else { return nil }
      if !advanced {
        _ = run?.finish()
        run = nil
      }
    }
  }
}
