import WireBytes

/// What takes the heads of one connection.
package protocol HTTPSink: AnyObject {
  /// A complete head was read.
  func head(_ head: borrowing BorrowedHead) -> AfterHead
  /// The start of a head, whose rest is not in the capture. Its fields say nothing of those that are missing.
  func cutHead(_ head: borrowing BorrowedHead)
  /// A rule was broken outside of a head that could be delivered.
  func anomaly(_ anomaly: Anomaly)
}
