/// Codes of options that are read; each is unique within its kind of block.
enum PcapngOption {
  static let comment: UInt16 = 1
  static let interfaceName: UInt16 = 2
  static let interfaceDescription: UInt16 = 3
  static let timeResolution: UInt16 = 9
  static let timeOffset: UInt16 = 14
  static let receivedByInterface: UInt16 = 4
  static let droppedByInterface: UInt16 = 5
  static let droppedBySystem: UInt16 = 7
}
