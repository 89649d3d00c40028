import CZlib
import WebSocketDecoding
import WireBytes

/// permessage-deflate both ways. Byte 0: options; then pieces with a byte of length. First the pieces go through
/// zlib and a decoder and must come back; then they are taken for what somebody compressed, and zlib has to agree about them.
func fuzzDeflate(_ input: [UInt8]) throws {
  var choices = FuzzInput(input)
  let options = choices.byte()
  var pieces: [[UInt8]] = []
  while !choices.isAtEnd {
    let length = Int(choices.byte())
    // Long enough for matches that reach over several blocks of output.
    let piece = choices.take(length & 0x7F)
    pieces.append(length & 0x80 == 0 ? piece : Array(repeatElement(piece, count: 300).joined()))
  }
  try roundTrip(pieces, options)
  try readAsCompressed(pieces, options)
  try readAsZlibDoes(pieces.flatMap { $0 }, options)
}

private func decoding(_ options: UInt8) -> DecodingOptions {
  var decoding = DecodingOptions()
  decoding.inflatedBytes = options & 1 == 0 ? 64 << 20 : 5000
  decoding.keptPayload = options & 2 == 0 ? 16 << 20 : 1000
  return decoding
}

private func run(
  _ stream: [UInt8], _ options: UInt8, _ compression: SideCompression, cut: Int
) throws -> MessageChecker {
  let sink = MessageChecker(decoding(options))
  let context = DecodingContext(options: decoding(options), sink: sink)
  defer { withExtendedLifetime(context) {} }
  let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
  var decoder = WebSocketDecoder(side: .server, compression: compression)
  let position = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
  for start in stride(from: 0, to: stream.count, by: cut) {
    let piece = stream.span.extracting(start..<min(start + cut, stream.count))
    _ = decoder.receive(piece, at: position.advanced(by: start), into: output)
  }
  decoder.finish(at: position.advanced(by: stream.count), into: output)
  try sink.check(decoder.counts)
  try require(
    decoder.counts.streamBytes == UInt64(stream.count), "\(stream.count) bytes fed, \(decoder.counts)")
  return sink
}

/// A binary message in as many frames as there are fragments.
private func frames(_ fragments: [[UInt8]], compressed: Bool = true) -> [UInt8] {
  var stream: [UInt8] = []
  for (index, fragment) in fragments.enumerated() {
    let fin: UInt8 = index == fragments.count - 1 ? 0x80 : 0
    stream.append(index == 0 ? 0x02 | fin | (compressed ? 0x40 : 0) : fin)
    if fragment.count < 126 {
      stream.append(UInt8(fragment.count))
    } else {
      stream.append(127)
      stream += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: fragment.count >> $0) }
    }
    stream += fragment
  }
  return stream
}

private func roundTrip(_ messages: [[UInt8]], _ options: UInt8) throws {
  let forgets = options & 4 != 0
  let windowBits = [15, 9, 12, 10][Int(options >> 4 & 3)]
  let compression = SideCompression(forgetsContext: forgets, windowBits: windowBits)
  guard let deflater = Deflater(windowBits: Int32(windowBits), forgetsContext: forgets)
  else { return }
  var stream: [UInt8] = []
  for message in messages {
    let sent = deflater.compress(message)
    let middle = sent.count / 2
    stream += options & 8 == 0 ? frames([sent]) : frames([Array(sent[..<middle]), Array(sent[middle...])])
  }
  let sink = try run(stream, options, compression, cut: options & 64 == 0 ? stream.count + 1 : 5)
  try require(!sink.log.contains { $0.hasPrefix("window_exceeded") }, "\(sink.log)")
  try require(sink.messages.count == messages.count, "\(sink.messages.count) messages of \(messages.count)")
  let limits = decoding(options)
  for (index, message) in messages.enumerated() {
    let (found, bytes) = (sink.messages[index], sink.payloads[index])
    // A message of 16 times the limit is where the window is given up, and all that refers to it.
    if message.count > 16 * Int(limits.inflatedBytes) { return }
    try require(found.inflated && found.bytes == UInt64(message.count), "message \(index): \(found)")
    let most = min(limits.keptPayload, Int(limits.inflatedBytes), message.count)
    try require(
      bytes == Array(message.prefix(bytes.count))
        && (bytes.count == most || message.count > Int(limits.inflatedBytes)),
      "message \(index) came back as \(bytes.count) other bytes")
  }
}

private func readAsCompressed(_ pieces: [[UInt8]], _ options: UInt8) throws {
  let compression = SideCompression(
    forgetsContext: options & 4 != 0, windowBits: options & 16 == 0 ? 15 : 9, isPerFrame: options & 32 != 0)
  // As messages of their own, and as fragments of one.
  var streams = [pieces.flatMap { frames([$0]) }]
  if !pieces.isEmpty { streams.append(frames(pieces)) }
  for stream in streams {
    let whole = try run(stream, options, compression, cut: stream.count + 1)
    let cut = try run(stream, options, compression, cut: 3)
    try requireSame(whole.log, cut.log, "cut otherwise")
  }
}

/// A message is inflated to what zlib makes of it, or refused with zlib's words.
private func readAsZlibDoes(_ payload: [UInt8], _ options: UInt8) throws {
  let zlib = ZlibInflater()
  var fault = zlib.inflate(payload)
  if fault == nil, !payload.isEmpty, !zlib.isAtStreamEnd, !zlib.isBetweenBlocks {
    fault = zlib.inflate([0, 0, 0xFF, 0xFF]) ?? (zlib.isBetweenBlocks ? nil : "it ends within a block")
  }
  // What is beyond the limit is not compared.
  if zlib.output.count > 5000 && options & 1 != 0 { return }
  let stream = frames([payload])
  let cut = options & 64 == 0 ? stream.count + 1 : 1 + Int(options >> 1 & 7)
  let sink = try run(stream, options, SideCompression(), cut: cut)
  try require(sink.messages.count == 1, "\(sink.messages.count) messages")
  let (message, found) = (sink.messages[0], sink.payloads[0])
  let failure = sink.log.first { $0.hasPrefix("inflation_failed") }
  if let fault {
    try require(
      !message.inflated && failure?.hasSuffix(fault) == true, "\(failure ?? "nothing") for \(fault)")
  } else {
    try require(
      message.inflated && message.bytes == UInt64(zlib.output.count)
        && found == Array(zlib.output.prefix(found.count)),
      "\(message) where zlib has \(zlib.output.count) bytes")
  }
}

/// zlib's half of inflating.
@safe private final class ZlibInflater {
  private var stream = unsafe z_stream()
  private(set) var output: [UInt8] = []
  private(set) var isAtStreamEnd = false

  init() { _ = unsafe inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) }

  deinit { unsafe inflateEnd(&stream) }

  var isBetweenBlocks: Bool { unsafe stream.data_type & 0xFF == 128 }

  /// Appends to the output; returns why there is not more of it.
  func inflate(_ bytes: [UInt8]) -> String? {
    var (input, block) = (bytes, [UInt8](repeating: 0, count: 10_000))
    isAtStreamEnd = false
    return unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe stream.next_in = input.baseAddress
      unsafe stream.avail_in = UInt32(input.count)
      while true {
        let (status, count) = unsafe block.withUnsafeMutableBufferPointer { block in
          unsafe stream.next_out = block.baseAddress
          unsafe stream.avail_out = UInt32(block.count)
          let status = unsafe CZlib.inflate(&stream, Z_SYNC_FLUSH)
          return unsafe (status, block.count - Int(stream.avail_out))
        }
        output += block[..<count]
        switch status {
        case Z_OK, Z_BUF_ERROR: if unsafe stream.avail_out > 0 { return nil }
        case Z_STREAM_END:
          // The next stream begins with the window of this one.
          var (window, length) = ([UInt8](repeating: 0, count: 32_768), UInt32(0))
          _ = unsafe inflateGetDictionary(&stream, &window, &length)
          unsafe inflateReset(&stream)
          if length > 0 { _ = unsafe inflateSetDictionary(&stream, window, length) }
          isAtStreamEnd = unsafe stream.avail_in == 0
          if isAtStreamEnd { return nil }
        default: return unsafe stream.msg.map { unsafe String(cString: $0) } ?? "status \(status)"
        }
      }
    }
  }
}

/// What a peer does with its messages (RFC 7692 §7.2.1).
@safe private final class Deflater {
  private var stream = unsafe z_stream()
  private let forgetsContext: Bool

  init?(windowBits: Int32, forgetsContext: Bool) {
    self.forgetsContext = forgetsContext
    let status = unsafe deflateInit2_(
      &stream, 6, Z_DEFLATED, -windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
  }

  deinit { unsafe deflateEnd(&stream) }

  func compress(_ message: [UInt8]) -> [UInt8] {
    if forgetsContext { unsafe deflateReset(&stream) }
    var input = message
    var output = [UInt8](repeating: 0, count: message.count * 2 + 100)
    let produced = unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        _ = unsafe deflate(&stream, Z_SYNC_FLUSH)
        return unsafe output.count - Int(stream.avail_out)
      }
    }
    // Nothing to flush: an empty message is the first byte of an empty block (RFC 7692 §7.2.3.6).
    if produced < 4 { return [0] }
    // The four bytes of the empty block at the end are left out.
    return Array(output[..<(produced - 4)])
  }
}
