/// The codes that a block brings (RFC 1951 §3.2.7), and how far they were read.
@safe final class DynamicCodes {
  @exclusivity(unchecked) private(set) var literals = HuffmanTable(
    .literals, rootBits: HuffmanTable.literalBits)
  @exclusivity(unchecked) private(set) var distances = HuffmanTable(
    .distances, rootBits: HuffmanTable.distanceBits)
  @exclusivity(unchecked) private var codeLengths = HuffmanTable(.codeLengths, rootBits: 7)
  /// The lengths of the codes in the order of the stream: first those of `codeLengths`, then those of the two other codes.
  @exclusivity(unchecked) private var lengths = InlineArray<320, UInt8>(repeating: 0)
  private var known = 0
  private var (literalCount, distanceCount, lengthCodeCount) = (0, 0, 0)
  private var part = Part.counts

  private enum Part { case counts, lengthCodes, lengths }

  /// A block begins.
  func begin() { (part, known) = (.counts, 0) }

  func readHeader(_ reader: inout BitReader, _ input: UnsafeRawBufferPointer) -> InflateStep {
    while true {
      let step: InflateStep
      switch part {
      case .counts: step = unsafe readCounts(&reader, input)
      case .lengthCodes: step = unsafe readLengthCodes(&reader, input)
      case .lengths: return unsafe readLengths(&reader, input)
      }
      guard case .done = step else { return step }
    }
  }

  /// HLIT, HDIST, HCLEN.
  private func readCounts(_ reader: inout BitReader, _ input: UnsafeRawBufferPointer) -> InflateStep {
    unsafe reader.fill(input)
    guard reader.count >= 14 else { return .needsInput }
    (literalCount, distanceCount) = (reader.low(5) + 257, reader.low(10) >> 5 + 1)
    lengthCodeCount = reader.low(14) >> 10 + 4
    reader.take(14)
    guard literalCount <= 286, distanceCount <= 30 else { return .failed(.tooManySymbols) }
    part = .lengthCodes
    for index in 0..<19 { unsafe lengths[index] = 0 }
    return .done
  }

  private static let lengthCodeOrder: InlineArray<19, Int> = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private func readLengthCodes(
    _ reader: inout BitReader, _ input: UnsafeRawBufferPointer
  ) -> InflateStep {
    while known < lengthCodeCount {
      if reader.count < 3 { unsafe reader.fill(input) }
      guard reader.count >= 3 else { return .needsInput }
      unsafe lengths[Self.lengthCodeOrder[known]] = UInt8(truncatingIfNeeded: reader.low(3))
      reader.take(3)
      known &+= 1
    }
    guard unsafe codeLengths.build(lengths.span.extracting(0..<19)) else { return .failed(.codeLengths) }
    (part, known) = (.lengths, 0)
    return .done
  }

  private func readLengths(_ reader: inout BitReader, _ input: UnsafeRawBufferPointer) -> InflateStep {
    let entries = unsafe codeLengths.entries
    let all = literalCount &+ distanceCount
    while known < all {
      // The longest code and what follows it take 14 bits.
      if reader.count < 14 { unsafe reader.fill(input) }
      let entry = unsafe entries[Int(truncatingIfNeeded: reader.bits & 127)]
      guard HuffmanEntry.bits(entry) <= reader.count else { return .needsInput }
      let symbol = Int(entry &>> 16)
      guard symbol >= 16 else {
        unsafe lengths[known] = UInt8(truncatingIfNeeded: symbol)
        known &+= 1
        reader.take(HuffmanEntry.bits(entry))
        continue
      }
      let extra = HuffmanEntry.value(entry, reader.bits) &- symbol
      let times = extra &+ (symbol == 18 ? 11 : 3)
      guard known &+ times <= all, symbol > 16 || known > 0 else { return .failed(.repetition) }
      reader.take(HuffmanEntry.bits(entry))
      let length = symbol == 16 ? unsafe lengths[known &- 1] : 0
      for index in known..<known &+ times { unsafe lengths[index] = length }
      known &+= times
    }
    return build()
  }

  private func build() -> InflateStep {
    guard unsafe lengths[256] > 0 else { return .failed(.noEndOfBlock) }
    let span = unsafe lengths.span
    guard unsafe literals.build(span.extracting(0..<literalCount)) else { return .failed(.literals) }
    guard unsafe distances.build(span.extracting(literalCount..<literalCount &+ distanceCount)) else {
      return .failed(.distances)
    }
    return .done
  }
}
