/// Whole integers in bytes, in this machine's order, at any alignment. With zlib and write(2) the only
/// unsafe code here: Swift 6.3 has no safe way to view an array's bytes as words.
extension [UInt8] {
  mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
    var span = mutableSpan
    var raw = unsafe span.mutableBytes
    raw.storeBytes(of: number, toByteOffset: offset, as: Number.self)  // traps out of bounds
  }
}

extension Span<UInt8> {
  func word(at offset: Int) -> UInt64 {
    unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)  // traps out of bounds
  }
}
