import CPcap
import Glibc
import WireBytes

/// Reads a savefile: classic pcap in both byte orders, microseconds or nanoseconds, and what else libpcap reads.
///
/// libpcap opens it and says what it is. The records of a regular classic file are then walked in blocks
/// (`RecordWalker`); of anything else, and of a pipe, libpcap reads them too, from a stream with a buffer of
/// 256 KiB and no lock around each fread, which halves the time of its loop
/// (docs/decisions/0001-reading-records.md).
@safe public struct SavefileReader: ~Copyable {
  /// How the path is named in messages; `-` is standard input.
  public let name: String
  /// The link type of every packet, as `pcap_datalink` gives it (DLT_…).
  public let linkType: Int32

  /// Counts packets, and says when and how long the one at hand is.
  public private(set) var record = PacketRecord(
    number: 0, time: CaptureTime(nanoseconds: 0), originalLength: 0)

  private let handle: OpaquePointer
  private let buffer: UnsafeMutablePointer<CChar>
  private let file: UnsafeMutablePointer<FILE>
  private var data: UnsafeRawBufferPointer
  private var walker: RecordWalker?

  private static let bufferBytes = 256 << 10

  /// Opens a capture; `-` reads standard input.
  public init(path: String) throws(CaptureError) {
    let name = path == "-" ? "standard input" : path
    let opened = unsafe try OpenSavefile(path: path, name: name, bufferBytes: Self.bufferBytes)
    self.name = name
    unsafe handle = opened.handle
    unsafe buffer = opened.buffer
    unsafe file = opened.file
    unsafe data = UnsafeRawBufferPointer(start: nil, count: 0)
    linkType = unsafe pcap_datalink(opened.handle)
    let descriptor = unsafe fileno(opened.file)
    // Standard input may be a file that is not at its start.
    if path != "-", let layout = RecordWalker.Layout(descriptor: descriptor) {
      walker = RecordWalker(descriptor: descriptor, layout: layout)
    } else {
      walker = nil
    }
  }

  deinit {
    // Closes the file too, so the buffer under it goes last.
    unsafe pcap_close(handle)
    unsafe buffer.deallocate()
  }

  /// The bytes of the packet at hand, borrowed from libpcap until the next `advance`.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span<UInt8>(_unsafeBytes: data)
      // Safe: libpcap keeps the packet until the next call, which needs self exclusively.
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Reads the next packet; false at the end of the file.
  ///
  /// Throws where the file is damaged: the packets before stay valid, nothing after can be read.
  public mutating func advance() throws(CaptureError) -> Bool {
    if walker == nil { return try advanceThroughLibpcap() }
    do throws(RecordDamage) {
      guard let next = try walker?.advance() else {
        unsafe data = UnsafeRawBufferPointer(start: nil, count: 0)
        return false
      }
      record.time = next.time
      record.originalLength = next.originalLength
      record.number &+= 1
      // Safe: the walker keeps its block until the next call, which needs self exclusively.
      if let bytes = unsafe walker?.bytes {
        unsafe data = UnsafeRawBufferPointer(rebasing: bytes[next.start..<next.start &+ next.count])
      }
      return true
    } catch {
      unsafe data = UnsafeRawBufferPointer(start: nil, count: 0)
      throw damage(at: Int(clamping: error.offset), error.what)
    }
  }

  private mutating func advanceThroughLibpcap() throws(CaptureError) -> Bool {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var start: UnsafePointer<UInt8>?
    let status = unsafe pcap_next_ex(handle, &header, &start)
    guard status == 1, let header = unsafe header else {
      unsafe data = UnsafeRawBufferPointer(start: nil, count: 0)
      if status == PCAP_ERROR_BREAK { return false }
      throw damage(at: unsafe ftello(file), unsafe String(cString: pcap_geterr(handle)))
    }
    // With nanosecond precision libpcap puts nanoseconds where the type says microseconds.
    record.time = unsafe CaptureTime(
      seconds: Int64(header.pointee.ts.tv_sec), nanoseconds: Int64(header.pointee.ts.tv_usec))
    record.originalLength = unsafe Int(header.pointee.len)
    record.number &+= 1
    unsafe data = UnsafeRawBufferPointer(start: start, count: Int(header.pointee.caplen))
    return true
  }

  private func damage(at offset: Int, _ why: String) -> CaptureError {
    let place = offset >= 0 ? ", byte offset \(offset)" : ""
    return CaptureError(
      "\(name) is cut or damaged after packet \(record.number)\(place): \(why); "
        + "everything before it was read")
  }
}

/// What libpcap gave for a path, before the reader owns it.
@unsafe private struct OpenSavefile {
  let handle: OpaquePointer
  let file: UnsafeMutablePointer<FILE>
  let buffer: UnsafeMutablePointer<CChar>

  init(path: String, name: String, bufferBytes: Int) throws(CaptureError) {
    let file = unsafe try openForReading(path, name: name)
    let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: bufferBytes)
    unsafe setvbuf(file, buffer, _IOFBF, bufferBytes)
    unsafe wstap_use_from_one_thread(file)

    var why = ""
    var opened: OpaquePointer?
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PCAP_ERRBUF_SIZE)) { text in
      unsafe text.initialize(repeating: 0)
      unsafe opened = pcap_fopen_offline_with_tstamp_precision(
        file, UInt32(PCAP_TSTAMP_PRECISION_NANO), text.baseAddress)
      if let message = text.baseAddress { why = unsafe String(cString: message) }
    }
    guard let handle = unsafe opened else {
      let hint = unsafe describeStart(of: file, path: path)
      unsafe fclose(file)
      unsafe buffer.deallocate()
      throw CaptureError("\(name) \(hint ?? "cannot be read as a capture: \(why)")")
    }
    unsafe self.handle = handle
    unsafe self.file = file
    unsafe self.buffer = buffer
  }
}

private func openForReading(_ path: String, name: String) throws(CaptureError) -> UnsafeMutablePointer<FILE> {
  let file = unsafe path == "-" ? fdopen(0, "rb") : fopen(path, "rb")
  guard let file = unsafe file else {
    throw CaptureError("cannot open \(name): \(unsafe String(cString: strerror(errno)))")
  }
  var status = stat()
  if unsafe fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
    unsafe fclose(file)
    throw CaptureError("\(name) is a directory; name the capture files in it")
  }
  return unsafe file
}

/// What a file that libpcap refuses seems to be, with what to do, or nil when its start says nothing.
private func describeStart(of file: UnsafeMutablePointer<FILE>, path: String) -> String? {
  var start = InlineArray<4, UInt8>(repeating: 0)
  var span = start.mutableSpan
  let count = unsafe span.withUnsafeMutableBytes { unsafe pread(fileno(file), $0.baseAddress, 4, 0) }
  switch (count, start[0], start[1], start[2], start[3]) {
  case (0, _, _, _, _):
    return "is empty: not even a file header was written"
  case (4, 0x1F, 0x8B, _, _):
    return "is compressed with gzip; try: zcat \(path) | wstap -"
  case (4, 0x28, 0xB5, 0x2F, 0xFD):
    return "is compressed with zstd; try: zstdcat \(path) | wstap -"
  case (4, 0x04, 0x22, 0x4D, 0x18):
    return "is compressed with lz4; try: lz4cat \(path) | wstap -"
  default:
    return nil
  }
}
