import WireBytes

/// The bytes of a block without its second length, in the byte order of its section. Offsets count from the block's type.
struct PcapngBody: ~Escapable {
  let bytes: Span<UInt8>
  private let isSwapped: Bool

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, isSwapped: Bool) {
    self.bytes = bytes
    self.isSwapped = isSwapped
  }

  func uint16(at offset: Int) -> UInt16 {
    isSwapped ? bytes.uint16(at: offset) : bytes.uint16(at: offset).byteSwapped
  }

  func uint32(at offset: Int) -> UInt32 {
    isSwapped ? bytes.uint32(at: offset) : bytes.uint32(at: offset).byteSwapped
  }

  func uint64(at offset: Int) -> UInt64 {
    isSwapped ? bytes.uint64(at: offset) : bytes.uint64(at: offset).byteSwapped
  }
}
