import CPcap
import Files
import Glibc
import Threads
import WireBytes

/// Captures an interface on a thread of its own.
///
/// It produces a growing pcapng file: `CaptureReader` reads it like any other, and the same bytes go to the output file.
/// So what is shown live is what the file will show later.
@safe public final class LiveCapture: @unchecked Sendable {
  // @unchecked: until `start` there is one thread. From then on the handle, the blocks and the output belong to the
  // capturing thread until `stop` has joined it. The ring is shared and has a lock.
  let ring: LiveRing
  /// The options that it was opened with.
  public let options: LiveOptions
  /// The LINKTYPE_ number of its packets.
  public let linkType: Int32

  private let handle: OpaquePointer
  private var blocks = PcapngWriter()
  private var output: CaptureOutput?
  private var keyLog: KeyLog?
  private var thread: WorkerThread?
  private let started = monotonicNanoseconds()
  private var packets: UInt64 = 0
  private var bytes: UInt64 = 0
  private var lastTime = CaptureTime(nanoseconds: 0)
  private var isFull = false
  private var hasLostKeys = false
  /// Why capturing ended without being asked to.
  public private(set) var failure: String?

  /// Milliseconds until the kernel hands over packets, and between two checks whether to stop.
  private static let pause: Int32 = 100
  private static let blockBytes = 1 << 20

  /// Opens an interface. When it cannot be captured, throws why and what to do.
  public init(_ options: LiveOptions) throws(CaptureError) {
    self.options = options
    unsafe handle = try Self.activated(options)
    ring = LiveRing(capacity: max(options.bufferBytes, 1 << 20))
    // The cooked header that names the interface. Where it is not supported, the older one remains.
    if options.interface == "any" { unsafe pcap_set_datalink(handle, DLT_LINUX_SLL2) }
    let type = unsafe pcap_datalink(handle)
    // Raw IP has a different number in files than in libpcap (pcap-linktype(7)).
    linkType = type == DLT_RAW ? 101 : type
    // If this throws, deinit closes the handle.
    try unsafe Self.setFilter(options.filter, handle)
  }

  deinit { unsafe pcap_close(handle) }

  /// The socket that packets come from, which nothing has to be written to.
  public var socket: Int32 { unsafe pcap_fileno(handle) }

  // MARK: Opening

  private static func activated(_ options: LiveOptions) throws(CaptureError) -> OpaquePointer {
    var why = ""
    var made: OpaquePointer?
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PCAP_ERRBUF_SIZE)) { text in
      unsafe text.initialize(repeating: 0)
      unsafe made = pcap_create(options.interface, text.baseAddress)
      if let message = text.baseAddress { why = unsafe String(cString: message) }
    }
    guard let handle = unsafe made else {
      throw CaptureError("cannot capture on \(options.interface): \(why)")
    }
    unsafe pcap_set_snaplen(handle, Int32(clamping: options.snapLength))
    unsafe pcap_set_promisc(handle, options.isPromiscuous ? 1 : 0)
    unsafe pcap_set_timeout(handle, pause)
    unsafe pcap_set_buffer_size(handle, Int32(clamping: options.bufferBytes))
    unsafe pcap_set_immediate_mode(handle, options.isImmediate ? 1 : 0)
    unsafe pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = unsafe pcap_activate(handle)
    guard status >= 0 else {
      let detail = unsafe String(cString: pcap_geterr(handle))
      unsafe pcap_close(handle)
      throw CaptureError(words(for: status, detail, options.interface))
    }
    // The thread waits in poll, where signals reach it.
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PCAP_ERRBUF_SIZE)) { text in
      if let start = text.baseAddress { unsafe pcap_setnonblock(handle, 1, start) }
    }
    return unsafe handle
  }

  private static func words(for status: Int32, _ detail: String, _ interface: String) -> String {
    switch status {
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
      let tool = executablePath ?? "wstap"
      return
        "capturing on \(interface) needs the capability CAP_NET_RAW, which this process lacks; run it with "
        + "sudo, or grant it once: sudo setcap cap_net_raw,cap_net_admin=eip \(tool)"
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return "there is no interface \(interface); wstap interfaces lists all of them"
    case PCAP_ERROR_IFACE_NOT_UP:
      return "interface \(interface) is down; try: sudo ip link set \(interface) up"
    default:
      return "cannot capture on \(interface): \(unsafe String(cString: pcap_statustostr(status)))"
        + (detail.isEmpty ? "" : " (\(detail))")
    }
  }

  private static var executablePath: String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { path in
      guard let start = path.baseAddress else { return nil }
      let length = unsafe readlink("/proc/self/exe", start, Int(PATH_MAX))
      guard length > 0 else { return nil }
      return unsafe FilePath(bytes: path.prefix(length).map { UInt8(bitPattern: $0) }).description
    }
  }

  private static func setFilter(_ filter: String?, _ handle: OpaquePointer) throws(CaptureError) {
    guard let filter else { return }
    var program = unsafe bpf_program()
    guard unsafe pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      throw CaptureError(
        "the filter '\(filter)' cannot be used: \(unsafe String(cString: pcap_geterr(handle)))")
    }
    defer { unsafe pcap_freecode(&program) }
    guard unsafe pcap_setfilter(handle, &program) == 0 else {
      throw CaptureError(
        "the filter '\(filter)' cannot be set: \(unsafe String(cString: pcap_geterr(handle)))")
    }
  }

  // MARK: Running

  /// What the capture begins with, in memory and in a file.
  public var header: [UInt8] {
    PacketFile.header(
      interface: options.interface, linkType: linkType, snapLength: options.snapLength, filter: options.filter
    )
  }

  /// Starts capturing, and writing to `output`. New lines of `keyLog` are put before the packets captured with them.
  public func start(writingTo output: CaptureOutput?, keyLog: KeyLog? = nil) {
    (self.output, self.keyLog) = (output, keyLog)
    do {
      thread = try WorkerThread { self.run() }
    } catch {
      failure = error.description
      ring.end()
    }
  }

  /// Stops capturing, even while the buffer is full, and waits until it has stopped.
  public func stop() {
    SignalHandling.request()
    ring.abandon()
    thread?.join()
    thread = nil
  }

  private func run() {
    var isOpen = toDecoding(header)
    while isOpen && !isFull && !SignalHandling.isRequested && failure == nil {
      wait()
      dispatch()
      isOpen = passOn()
      if StatusRequest.take() { report(status) }
      if let seconds = options.seconds, elapsedSeconds >= seconds { break }
    }
    if isOpen, SignalHandling.isRequested, !isFull, failure == nil { takeRest() }
    let drops = drops
    blocks.statistics(
      received: packets, droppedBySystem: drops.system, droppedByInterface: drops.interface, at: lastTime)
    _ = passOn()
    if let words = output?.close(), failure == nil { failure = words }
    ring.end()
  }

  /// Takes what came before the end was asked for, which the kernel hands over up to `pause` later.
  private func takeRest() {
    _ = poll(nil, 0, Self.pause + 10)
    dispatch()
  }

  /// Waits for packets, a signal, a key, or the reader of standard output to close it.
  private func wait() {
    look(packets: unsafe pcap_get_selectable_fd(handle), atMost: Self.pause)
  }

  private func look(packets: Int32, atMost milliseconds: Int32) {
    // Reading from the terminal would stop a process in the background.
    let keys: Int32 = options.readsKeys && !hasLostKeys && tcgetpgrp(0) == getpgrp() ? 0 : -1
    var files = [
      pollfd(fd: packets, events: Int16(POLLIN), revents: 0), pollfd(fd: 1, events: 0, revents: 0),
      pollfd(fd: keys, events: Int16(POLLIN), revents: 0),
      // Waiting ends with a request at once. While there is no room it is the ring that is waited for.
      pollfd(fd: milliseconds > 0 ? SignalHandling.descriptor : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard unsafe poll(&files, nfds_t(files.count), milliseconds) > 0 else { return }
    if files[1].revents & Int16(POLLERR) != 0 { SignalHandling.request() }
    if files[2].revents != 0 { readKeys() }
  }

  private func readKeys() {
    var typed = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(0, &typed, typed.count)
    if count <= 0 { hasLostKeys = true }
    if count > 0, typed.prefix(count).contains(UInt8(ascii: "i")) { StatusRequest.request() }
  }

  /// Answers requests for the status while the buffer is full and nothing is captured.
  private func answer() {
    look(packets: -1, atMost: 0)
    if StatusRequest.take() { report(status) }
  }

  private func dispatch() {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let status = unsafe pcap_dispatch(
      handle, -1,
      { context, header, bytes in
        guard let context = unsafe context, let header = unsafe header, let bytes = unsafe bytes else {
          return
        }
        unsafe Unmanaged<LiveCapture>.fromOpaque(UnsafeRawPointer(context)).takeUnretainedValue()
          .take(header.pointee, bytes)
      }, context.assumingMemoryBound(to: UInt8.self))
    if status == PCAP_ERROR {
      failure = "capturing on \(options.interface) ended: \(unsafe String(cString: pcap_geterr(handle)))"
    }
  }

  private func take(_ header: pcap_pkthdr, _ start: UnsafePointer<UInt8>) {
    guard !isFull, failure == nil else { return }
    lastTime = CaptureTime(seconds: Int64(header.ts.tv_sec), nanoseconds: Int64(header.ts.tv_usec))
    unsafe blocks.packet(
      UnsafeRawBufferPointer(start: start, count: Int(header.caplen)), originalLength: header.len,
      time: lastTime)
    packets += 1
    bytes += UInt64(header.len)
    if let limit = options.packets, packets >= limit {
      isFull = true
      unsafe pcap_breakloop(handle)
    }
    if blocks.bytes.count >= Self.blockBytes || output?.isFull(with: blocks.bytes.count) == true {
      if !passOn() { isFull = true }
    }
  }

  /// Passes the blocks so far to the file and to decoding. False when capturing has to end.
  private func passOn() -> Bool {
    defer { blocks.removeAll() }
    if !passOnSecrets() { return false }
    guard !blocks.bytes.isEmpty else { return true }
    if let output, let words = output.write(blocks.bytes) {
      failure = words
      return false
    }
    if output?.hasReachedLimit == true { isFull = true }
    return toDecoding(blocks.bytes)
  }

  private func toDecoding(_ blocks: [UInt8]) -> Bool {
    unsafe blocks.withUnsafeBytes { unsafe ring.write($0, whileWaiting: answer) }
  }

  /// A program writes its secrets before it sends what they encrypt. So new secrets belong before the packets captured
  /// since the last check.
  private func passOnSecrets() -> Bool {
    guard let lines = keyLog?.takeNew(), !lines.isEmpty else { return true }
    var block = PcapngWriter()
    block.secrets(lines)
    if let output {
      if let words = output.write(block.bytes) {
        failure = words
        return false
      }
      output.keep(secrets: block.bytes)
    }
    return toDecoding(block.bytes)
  }

  // MARK: Status

  private var elapsedSeconds: Double { Double(monotonicNanoseconds() - started) / 1e9 }

  private var drops: (system: UInt64, interface: UInt64) {
    var counts = pcap_stat()
    guard unsafe pcap_stats(handle, &counts) == 0 else { return (0, 0) }
    return (UInt64(counts.ps_drop), UInt64(counts.ps_ifdrop))
  }

  /// What was captured and dropped, and how much waits to be decoded, in one line.
  public var status: String {
    let (drops, ring) = (drops, ring.state)
    let late =
      ring.waits.times == 0
      ? "decoding kept up"
      : "the buffer was full \(ring.waits.times) times, for \(ring.waits.nanoseconds / 1_000_000) ms in all"
    return "\(packets) packets, \(bytes) bytes in \(Int(elapsedSeconds)) s on \(options.interface); dropped "
      + "\(drops.system) by the kernel, \(drops.interface) by the interface; "
      + "\(ring.waiting) of \(ring.capacity) bytes wait to be decoded; \(late)" + secrets
  }

  private var secrets: String {
    guard let keyLog else { return "" }
    let others = keyLog.otherLines == 0 ? "" : " (\(keyLog.otherLines) other lines were left out)"
    return "; \(keyLog.secrets) secrets from \(keyLog.path)" + others
  }

  private func report(_ line: String) {
    // The names in it are an interface's and files', which may contain anything.
    let shown = line.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        "\\u{" + String(scalar.value, radix: 16) + "}"
      default: String(scalar)
      }
    }
    var text = Array("wstap: \(shown.joined())\n".utf8)
    unsafe Glibc.write(2, &text, text.count)
  }
}
