import WireBytes

/// Receives the heads that a decoder reads.
package protocol HTTPSink: AnyObject {
  /// Receives a complete head and says what follows it.
  func head(_ head: borrowing BorrowedHead) -> AfterHead
  /// Receives the start of a head whose rest is not in the capture. A field that is absent may have been in the rest.
  func cutHead(_ head: borrowing BorrowedHead) -> AfterCutHead
  /// Receives a head, or the start of one, that is not read because it is larger than what is held of one; why, as the end of a
  /// sentence.
  func tooLargeHead(_ head: borrowing BorrowedHead, _ detail: String)
  /// Receives a broken rule that does not belong to a delivered head.
  func anomaly(_ anomaly: Anomaly)
}
