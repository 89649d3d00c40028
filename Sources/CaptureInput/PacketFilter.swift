import CPcap

/// A filter in libpcap's language (pcap-filter(7)), compiled once for each link type that occurs.
@safe final class PacketFilter {
  let expression: String
  /// Link types that the expression does not apply to, with libpcap's reason. Their packets do not match.
  private(set) var refusals: [(linkType: Int32, why: String)] = []
  private var refused: Set<Int32> = []
  /// A hostile file can name any number of link types, and a few are enough to report.
  private static let mostRefusals = 16

  private var programs: [Int32: Program] = [:]
  /// The link type of the last packet.
  private var linkType: Int32 = -1
  private var program: Program?

  init(_ expression: String) { self.expression = expression }

  /// Compiles the filter for link types that are known beforehand. Throws when it does not compile for any of them.
  func prepare(for linkTypes: [Int32]) throws(CaptureError) {
    for linkType in linkTypes { select(linkType) }
    if programs.isEmpty, let refusal = refusals.first {
      throw CaptureError("the filter '\(expression)' cannot be used: \(refusal.why)")
    }
  }

  @inline(__always)
  func matches(_ record: PacketRecord, _ bytes: Span<UInt8>) -> Bool {
    if record.linkType != linkType { select(record.linkType) }
    return program?.matches(bytes, originalLength: record.originalLength) ?? false
  }

  private func select(_ linkType: Int32) {
    self.linkType = linkType
    program = programs[linkType]
    if program != nil || refused.contains(linkType) { return }
    do throws(CaptureError) {
      program = try Program(expression, linkType: linkType)
      programs[linkType] = program
    } catch {
      refused.insert(linkType)
      if refusals.count < Self.mostRefusals { refusals.append((linkType, error.description)) }
    }
  }

  /// The instructions for one link type.
  @safe final class Program {
    private var program = unsafe bpf_program()

    /// Throws libpcap's message when the expression does not compile.
    init(_ expression: String, linkType: Int32) throws(CaptureError) {
      // Raw IP has a different number in files than in libpcap (pcap-linktype(7)).
      let type = linkType == 101 ? DLT_RAW : linkType
      guard let handle = unsafe pcap_open_dead(type, Int32(UInt16.max) << 2) else {
        throw CaptureError("libpcap has no memory")
      }
      defer { unsafe pcap_close(handle) }
      let status = unsafe pcap_compile(handle, &program, expression, 1, PCAP_NETMASK_UNKNOWN)
      if status != 0 { throw CaptureError(unsafe String(cString: pcap_geterr(handle))) }
    }

    deinit { unsafe pcap_freecode(&program) }

    @inline(__always)
    func matches(_ bytes: Span<UInt8>, originalLength: Int) -> Bool {
      unsafe bytes.withUnsafeBufferPointer { buffer in
        var header = pcap_pkthdr()
        header.caplen = UInt32(clamping: buffer.count)
        header.len = UInt32(clamping: originalLength)
        // An empty packet has no address, and no filter matches it.
        guard let start = buffer.baseAddress else { return false }
        return unsafe pcap_offline_filter(&program, &header, start) != 0
      }
    }
  }
}
