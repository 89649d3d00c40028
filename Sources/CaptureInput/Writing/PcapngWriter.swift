import WireBytes

/// Writes blocks of pcapng in this machine's byte order to an array that its user empties.
package struct PcapngWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// A section header, and the description of one interface with times in nanoseconds.
  package mutating func start(interface name: String, linkType: Int32, snapLength: Int32, filter: String?) {
    block(SectionHeaderBlock.type) { out in
      out.append(0x1A2B_3C4D as UInt32)
      out.append(1 as UInt16)
      out.append(0 as UInt16)
      out.append(UInt64.max)
      out.option(4, Array("wstap".utf8))
      out.option(0, [])
    }
    block(InterfaceDescriptionBlock.type) { out in
      out.append(UInt16(truncatingIfNeeded: linkType))
      out.append(0 as UInt16)
      out.append(UInt32(clamping: snapLength))
      out.option(2, Array(name.utf8))
      // Nanoseconds.
      out.option(9, [9])
      // if_filter; 0 says that it is a libpcap expression.
      // The option has room for 65,535 bytes; what is longer is left out.
      if let filter, filter.utf8.count < Int(UInt16.max) { out.option(11, [0] + Array(filter.utf8)) }
      out.option(0, [])
    }
  }

  /// A packet of interface 0.
  package mutating func packet(_ packet: UnsafeRawBufferPointer, originalLength: UInt32, time: CaptureTime) {
    let units = UInt64(bitPattern: time.nanoseconds)
    block(EnhancedPacketBlock.type) { out in
      out.append(0 as UInt32)
      out.append(UInt32(units >> 32))
      out.append(UInt32(truncatingIfNeeded: units))
      out.append(UInt32(clamping: packet.count))
      out.append(originalLength)
      unsafe out.bytes.append(contentsOf: packet)
    }
  }

  /// How many packets were received, and dropped by the kernel and by the interface.
  package mutating func statistics(
    received: UInt64, droppedBySystem: UInt64, droppedByInterface: UInt64, at time: CaptureTime
  ) {
    let units = UInt64(bitPattern: time.nanoseconds)
    block(InterfaceStatisticsBlock.type) { out in
      out.append(0 as UInt32)
      out.append(UInt32(units >> 32))
      out.append(UInt32(truncatingIfNeeded: units))
      out.option(4, received)
      out.option(5, droppedByInterface)
      out.option(7, droppedBySystem)
      out.option(0, [])
    }
  }

  /// Lines of a TLS key log.
  package mutating func secrets(_ lines: [UInt8]) {
    block(DecryptionSecretsBlock.type) { out in
      out.append(DecryptionSecrets.tlsKeyLog)
      out.append(UInt32(clamping: lines.count))
      out.bytes += lines
    }
  }

  private mutating func block(_ type: UInt32, _ body: (inout PcapngWriter) -> Void) {
    let start = bytes.count
    append(type)
    append(0 as UInt32)
    body(&self)
    pad()
    let total = UInt32(bytes.count - start + 4)
    append(total)
    unsafe withUnsafeBytes(of: total) { length in
      for index in 0..<4 { unsafe bytes[start + 4 + index] = length[index] }
    }
  }

  private mutating func option(_ code: UInt16, _ value: [UInt8]) {
    append(code)
    append(UInt16(value.count))
    bytes += value
    pad()
  }

  private mutating func option(_ code: UInt16, _ value: UInt64) {
    append(code)
    append(8 as UInt16)
    append(value)
  }

  private mutating func pad() {
    while bytes.count & 3 != 0 { bytes.append(0) }
  }

  private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
  }
}
