/// The frame that a fragment belongs to.
struct WirelessKey: Equatable {
  let receiver: UInt64
  let transmitter: UInt64
  let sequence: UInt16
  let priority: UInt8
}
