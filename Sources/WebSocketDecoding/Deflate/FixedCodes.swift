/// The codes of blocks that do not bring their own (RFC 1951 §3.2.6).
enum FixedCodes {
  static let literals = made(
    Alphabet.literals, rootBits: HuffmanTable.literalBits,
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  static let distances = made(
    Alphabet.distances, rootBits: HuffmanTable.distanceBits, [UInt8](repeating: 5, count: 32))

  private static func made(_ alphabet: Alphabet, rootBits: Int, _ lengths: [UInt8]) -> HuffmanTable {
    var table = HuffmanTable(alphabet, rootBits: rootBits)
    let isCode = table.build(lengths.span)
    precondition(isCode, "what the RFC lists is a code")
    return table
  }
}
