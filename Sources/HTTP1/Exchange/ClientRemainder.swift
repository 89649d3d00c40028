import WireBytes

/// The HTTP that a client still has to send although the server has switched to WebSocket: the rest of the upgrade
/// request's body (RFC 9110 §7.8: the protocol cannot change inside a message), or the requests up to the upgrade if they
/// come after its answer in the capture.
///
/// Pass everything that the client sends to it until a call returns `.ended`.
package final class ClientRemainder: HTTPSink {
  /// What a call asks its caller to do.
  package enum Step {
    /// Everything was taken.
    case taken
    /// HTTP has ended for the client as well.
    case ended(End)
  }

  /// Where the client's frames begin.
  package struct End {
    /// Bytes of the call that were HTTP, or wait in `replay`; 0 when the call brought none.
    package let taken: Int
    /// Whether the end of the upgrade request was read, so that the next byte begins a frame.
    package let isCertain: Bool
    /// Bytes of earlier calls that are not HTTP. They come before the bytes that were not taken.
    package let replay: ReplayBuffer
    /// What broke the body of the upgrade request, if something did.
    package let anomaly: Anomaly?
  }

  private var decoder: HTTPDecoder
  /// Bytes that it was given.
  package private(set) var bytes: UInt64 = 0
  /// What the client's decoder had collected of a head when the bytes that it belongs to were sent.
  private var pendingAcknowledged: UInt64?
  private let isInUpgradeRequest: Bool
  private var fault: Anomaly?

  /// `decoder` is the client's, inside the body of its upgrade request (`isInUpgradeRequest`) or at any place before that
  /// request.
  init(_ decoder: consuming HTTPDecoder, pendingAcknowledged: UInt64?, isInUpgradeRequest: Bool) {
    self.decoder = decoder
    self.pendingAcknowledged = pendingAcknowledged
    self.isInUpgradeRequest = isInUpgradeRequest
  }

  /// Takes the client's next bytes.
  package func receive(
    _ bytes: Span<UInt8>, at position: StreamPosition, peerAcknowledged: UInt64? = nil
  ) -> Step {
    self.bytes &+= UInt64(bytes.count)
    let taken = decoder.receive(bytes, at: position, into: self)
    if decoder.beganHead(since: position) { pendingAcknowledged = peerAcknowledged }
    return step(decoder.isUnrecoverable ? decoder.bytesBeforeLoss ?? taken : taken)
  }

  /// The next `count` bytes of the client are not in the capture.
  package func skip(_ count: UInt64, at position: StreamPosition) -> Step {
    decoder.skip(count, at: position, into: self)
    return step(0)
  }

  /// The client's stream ends.
  package func finish(at position: StreamPosition) -> Step {
    decoder.finish(at: position, into: self)
    return step(0)
  }

  private func step(_ taken: Int) -> Step {
    let isHandedOver = decoder.state == .handedOver
    guard isHandedOver || decoder.isUnrecoverable else { return .taken }
    var replay = ReplayBuffer()
    if let (bytes, start) = decoder.takePending() {
      replay.append(
        ReplayBuffer.Piece(
          side: .client, position: start, peerAcknowledged: pendingAcknowledged, content: .bytes(bytes)))
    }
    return .ended(
      End(
        taken: taken, isCertain: isHandedOver && !decoder.isAfterGap, replay: replay, anomaly: fault))
  }

  // MARK: Heads

  package func head(_ head: borrowing BorrowedHead) -> AfterHead {
    head.concernsWebSocket ? .handOver : .body
  }

  /// The answer has been read, so what a cut request asked for is known.
  package func cutHead(_ head: borrowing BorrowedHead) -> AfterCutHead { .search }

  package func tooLargeHead(_ head: borrowing BorrowedHead, _ detail: String) {}

  /// The session has begun; faults of the requests before its own are not its faults.
  package func anomaly(_ anomaly: Anomaly) { if isInUpgradeRequest { fault = anomaly } }
}
