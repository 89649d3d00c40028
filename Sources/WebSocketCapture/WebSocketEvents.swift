internal import CaptureInput
internal import Files
internal import Pipeline
internal import SessionAnalysis

/// The WebSocket conversations of a packet capture, as a sequence of events.
///
/// ```swift
/// import WebSocketCapture
///
/// for event in try WebSocketEvents(path: "capture.pcap") {
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
/// Events come in the order of the capture. Those of different sessions are interleaved; each names its `session`.
/// They have the same content and names as the output of `wstap --json` (docs/json.md). An event owns everything it
/// holds, so it can be kept or sent to another task.
///
/// Packets are read as events are asked for. Memory therefore follows the number of open connections, never the size
/// of the capture. The capture is read once: a second loop continues where the first one stopped.
public struct WebSocketEvents: Sequence {
  private let reading: Reading

  /// Opens a capture; `-` reads standard input.
  ///
  /// Throws `CaptureError` if the file cannot be used at all. A file that is truncated or damaged further on yields
  /// the events up to that point, and `CaptureEnded.damage` says what is wrong with it.
  public init(path: String, options: Options = Options()) throws(CaptureError) {
    try self.init(pathBytes: path.utf8, options: options)
  }

  /// Opens a capture whose path may be no UTF-8: its bytes, without a zero at the end.
  public init(pathBytes: some Sequence<UInt8>, options: Options = Options()) throws(CaptureError) {
    do throws(CaptureInput.CaptureError) {
      reading = try Reading(path: FilePath(bytes: pathBytes), options: options)
    } catch {
      throw CaptureError(description: error.description)
    }
  }

  /// Continues where the last iterator stopped.
  public func makeIterator() -> Iterator { Iterator(reading: reading) }

  /// Reads packets until they give an event.
  public struct Iterator: IteratorProtocol {
    fileprivate let reading: Reading

    /// The next event; nil after `captureEnded`.
    public mutating func next() -> WebSocketEvent? { reading.next() }
  }

  /// What to decode, and how much of it to keep.
  public struct Options: Sendable, Hashable {
    /// The most payload bytes that an event holds, 16 MiB by default. Bytes beyond are still decoded, counted and
    /// checked.
    public var maximumPayload = 16 << 20
    /// Whether compressed messages (permessage-deflate) are inflated. Otherwise they hold the bytes as they were sent.
    public var inflates = true
    /// Whether there is a `frame` event for every frame.
    public var includesFrames = false
    /// Whether cookies, credentials and tokens of handshakes are shown. By default a mark such as
    /// `[redacted 7f3a]` takes their place, and `SessionOpened.redacted` lists where. Payloads stay as they are, but for
    /// the reason of a Close that repeats such a value, and for `redactedMembers`.
    public var showsSecrets = false
    /// Names of JSON members whose values are hidden in payloads, so that a report can be shared. Letter case and separators make
    /// no difference. Names without a letter or digit are passed over.
    public var redactedMembers: [String] = []

    /// The defaults.
    public init() {}

    var analysis: AnalysisOptions {
      var analysis = AnalysisOptions()
      analysis.inflates = inflates
      analysis.hidesSecrets = !showsSecrets
      analysis.redactedMembers = MemberNames(redactedMembers.filter { MemberNames([$0]) != nil })
      return analysis
    }
  }

  /// Why a capture cannot be used at all.
  public struct CaptureError: Error, Sendable, CustomStringConvertible {
    /// One line: the file, what is wrong with it, and what to do about it.
    public let description: String
  }
}
