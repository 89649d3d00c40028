import WireBytes

/// One packet of a synthetic capture. An array of them can be shuffled, dropped from and repeated before it
/// becomes a file.
public struct Packet: Hashable, Sendable {
  /// The captured bytes, from the link header on.
  public var bytes: [UInt8]
  /// When it was captured.
  public var time: CaptureTime
  /// Its length on the wire, in bytes.
  public var originalLength: Int

  /// A packet; without an original length it was captured whole.
  public init(_ bytes: [UInt8], time: CaptureTime = .testStart, originalLength: Int? = nil) {
    self.bytes = bytes
    self.time = time
    self.originalLength = originalLength ?? bytes.count
  }

  /// The packet as a capture with this snap length has it.
  public func cut(to snapLength: Int) -> Packet {
    Packet(Array(bytes.prefix(snapLength)), time: time, originalLength: originalLength)
  }
}

extension CaptureTime {
  /// 2026-11-20T09:12:03Z: where synthetic captures begin.
  public static let testStart = CaptureTime(seconds: 1_795_165_923, nanoseconds: 0)

  /// A moment some milliseconds later.
  public func advanced(milliseconds: Int) -> CaptureTime {
    CaptureTime(nanoseconds: nanoseconds + Int64(milliseconds) * 1_000_000)
  }
}

/// Builds a pcap file in memory.
///
///     var capture = CaptureBuilder(linkType: 1)
///     capture.packet(ethernet(ipv4(from: "10.0.0.1", to: "10.0.0.2", tcp(from: 40_000, to: 80))))
///     capture.add(conversation.packets)
///     try write(capture.file, to: path)
public struct CaptureBuilder: Sendable {
  /// The pcap file so far.
  public private(set) var file: [UInt8] = []
  private let nanoseconds: Bool
  private let bigEndian: Bool

  /// A file without packets. `linkType` is the LINKTYPE_ number, `nanoseconds` and `bigEndian` choose among
  /// the four magic numbers.
  public init(
    linkType: Int32 = 1, nanoseconds: Bool = false, bigEndian: Bool = false, snapLength: UInt32 = 262_144
  ) {
    self.nanoseconds = nanoseconds
    self.bigEndian = bigEndian
    append(nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4)
    file += bigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0]
    append(0)
    append(0)
    append(snapLength)
    append(UInt32(bitPattern: linkType))
  }

  /// Adds a packet. Its time is rounded down to microseconds in a file that has no nanoseconds.
  public mutating func packet(
    _ bytes: [UInt8], time: CaptureTime = .testStart, originalLength: Int? = nil
  ) {
    append(UInt32(truncatingIfNeeded: time.wholeSeconds))
    append(UInt32(nanoseconds ? time.fraction : time.fraction / 1000))
    append(UInt32(bytes.count))
    append(UInt32(originalLength ?? bytes.count))
    file += bytes
  }

  /// Adds packets in the order of the array.
  public mutating func add(_ packets: [Packet]) {
    for packet in packets {
      self.packet(packet.bytes, time: packet.time, originalLength: packet.originalLength)
    }
  }

  private mutating func append(_ value: UInt32) {
    file += bigEndian ? bigEndianBytes(value) : bigEndianBytes(value).reversed()
  }
}

extension [Packet] {
  /// A pcap file with these packets.
  public func pcap(linkType: Int32 = 1, nanoseconds: Bool = false) -> [UInt8] {
    var capture = CaptureBuilder(linkType: linkType, nanoseconds: nanoseconds)
    capture.add(self)
    return capture.file
  }
}

/// The bytes of a number in network order.
public func bigEndianBytes(_ value: some FixedWidthInteger) -> [UInt8] {
  stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
}
