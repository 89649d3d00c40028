import Files
import Glibc

/// A capture of which only the format has been recognized.
struct OpenedInput: ~Copyable {
  /// At the start of the capture, decompressed.
  var block: InputBlock
  /// The file header of a classic file; nil when it is pcapng.
  let classic: ClassicPcap?

  /// How many times a capture may be compressed.
  private static let deepest = 4
  /// The longest run of skippable frames before the first other one, in bytes.
  private static let mostSkipped = 1 << 20

  /// Recognizes the format of `source`. Throws when it is not a capture.
  init(_ source: any ByteSource, name: InputName) throws(CaptureError) {
    var block = try Self.decompressed(source, name, depth: 0)
    classic = try Self.classicHeader(&block, name)
    self.block = block
  }

  /// A source that ended on request before it had shown its format: a capture without packets.
  init(interrupted source: any ByteSource) {
    classic = nil
    block = InputBlock(source)
  }

  private static func decompressed(
    _ source: any ByteSource, _ name: InputName, depth: Int
  ) throws(CaptureError) -> InputBlock {
    var block = InputBlock(source)
    do throws(CaptureError) {
      try fill(&block, 4, "its first four bytes", name)
    } catch {
      // Nothing suggests that it is a capture.
      var error = error
      error.isAboutOtherFile = true
      throw error
    }
    guard let compression = compression(of: &block) else { return block }
    guard depth < deepest else {
      throw CaptureError("\(name) is compressed more than \(deepest) times; decompress it first")
    }
    let decompressing: DecompressingSource
    do throws(InputFailure) {
      decompressing = try DecompressingSource(source, compression, start: block.bytes(from: 0, block.count))
    } catch {
      throw CaptureError("\(name): \(error.what)")
    }
    return try decompressed(decompressing, name, depth: depth + 1)
  }

  /// zstd and lz4 share a kind of frame that is to be skipped (RFC 8878 §3.1.2). It may come first, as from pzstd; then
  /// the first frame of another kind tells the format.
  private static func compression(of block: inout InputBlock) -> Compression? {
    var place = 0
    while Compression.isSkippable(block.load(place)) {
      guard block.has(place + 8) else { return nil }
      place += 8 + Int(block.load(place + 4))
      guard place <= mostSkipped, block.has(place + 4) else { return nil }
    }
    return Compression(start: block.bytes(from: place, block.count - place))
  }

  private static func fill(
    _ block: inout InputBlock, _ needed: Int, _ what: StaticString, _ name: InputName
  ) throws(CaptureError) {
    var failure = "is empty: not even a file header was written"
    do throws(RecordDamage) {
      if try block.fill(needed, what) { return }
    } catch {
      failure = "cannot be read as a capture: \(error.what)"
    }
    throw CaptureError("\(name) \(failure)")
  }

  /// The header of a classic file, nil for pcapng; throws for anything else.
  private static func classicHeader(
    _ block: inout InputBlock, _ name: InputName
  ) throws(CaptureError) -> ClassicPcap? {
    if block.load(0) == SectionHeaderBlock.type {
      try fill(&block, SectionHeaderBlock.shortest, "its section header", name)
      guard SectionHeaderBlock.isSwapped(magic: block.load(8)) != nil else {
        throw Self.unknown(block, name)
      }
      return nil
    }
    guard ClassicPcap.begins(block.load(0)) else { throw Self.unknown(block, name) }
    try fill(&block, ClassicPcap.fileHeaderBytes, "its file header", name)
    guard let header = ClassicPcap(header: block) else {
      throw CaptureError(
        "\(name) is a pcap file of an unknown version, which libpcap cannot read either")
    }
    return header
  }

  /// What a file that is not a capture seems to be, and what to do.
  private static func unknown(_ block: borrowing InputBlock, _ name: InputName) -> CaptureError {
    let path = name == .standardInput ? "FILE" : name.description
    let advice =
      switch block.load(0) {
      case 0x587A_37FD: "is compressed with xz; try: xzcat \(path) | wstap -"
      case let start where start & 0xFF_FFFF == 0x68_5A42:
        "is compressed with bzip2; try: bzcat \(path) | wstap -"
      case 0x0403_4B50: "is a zip archive; try: unzip -p \(path) | wstap -"
      case 0x6F6F_6E73: "is a snoop file; try: editcap -F pcapng \(path) capture.pcapng"
      default:
        "has an unknown file format: it begins like neither pcap nor pcapng; "
          + "if Wireshark opens it, try: editcap -F pcapng \(path) capture.pcapng"
      }
    var error = CaptureError("\(name) \(advice)")
    error.isAboutOtherFile = true
    return error
  }
}

/// Opens a path for reading; `-` is standard input from its current position.
func openForReading(_ path: FilePath, name: InputName, follows: Bool) throws(CaptureError) -> DescriptorSource
{
  if path.isStandardInput { return DescriptorSource(descriptor: 0, closes: false, follows: follows) }
  let flags = O_RDONLY | O_CLOEXEC | (isPipe(path) ? O_NONBLOCK : 0)
  let descriptor = unsafe path.withCString { unsafe open($0, flags) }
  guard descriptor >= 0 else {
    throw CaptureError("cannot open \(name): \(unsafe String(cString: strerror(errno)))")
  }
  let source = DescriptorSource(descriptor: descriptor, closes: true, follows: follows)
  var status = stat()
  if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
    throw CaptureError("\(name) is a directory; name the capture files in it")
  }
  return source
}

/// Whether opening could wait, for someone to write. Reading waits for that instead, where signals end it.
private func isPipe(_ path: FilePath) -> Bool {
  var status = stat()
  return unsafe path.withCString { unsafe stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFIFO
}
