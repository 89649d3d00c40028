import CaptureInput
import TestSupport
import WireBytes

/// Bytes in memory, read in pieces of certain sizes over and over, as from a slow pipe.
final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private let pieces: [Int]
  private var next = 0
  private var turn = 0

  init(_ bytes: [UInt8], pieces: [Int] = [.max]) {
    (self.bytes, self.pieces) = (bytes, pieces)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, bytes.count - next, pieces[turn % pieces.count])
    for index in 0..<count { unsafe buffer[index] = bytes[next + index] }
    next += count
    turn += 1
    return count
  }
}

/// Everything that a reader read.
struct Reading: Equatable {
  struct Packet: Equatable, CustomStringConvertible {
    var bytes: [UInt8]
    var nanoseconds: Int64
    var originalLength: Int
    var linkType: Int32
    var interface: Int32

    var description: String {
      "\(bytes.count) of \(originalLength) bytes, \(nanoseconds) ns, link type \(linkType), interface \(interface)"
    }
  }

  var packets: [Packet] = []
  /// What was wrong, whether reading could resume or not.
  var damage: String?
  var metadata = CaptureMetadata()

  static func == (a: Reading, b: Reading) -> Bool {
    a.packets == b.packets && a.damage == b.damage && a.metadata.interfaces == b.metadata.interfaces
      && a.metadata.comments == b.metadata.comments && a.metadata.secrets == b.metadata.secrets
  }

  /// Reads the capture in `bytes`. Throws when it is not one.
  init(_ bytes: [UInt8], pieces: [Int] = [.max]) throws {
    var reader = try SavefileReader(MemorySource(bytes, pieces: pieces), name: "test.pcap")
    var lines: [String] = []
    do {
      while try reader.advance() {
        packets.append(
          Packet(
            bytes: reader.bytes.toArray(), nanoseconds: reader.record.time.nanoseconds,
            originalLength: reader.record.originalLength, linkType: reader.record.linkType,
            interface: reader.record.interface))
      }
    } catch {
      lines.append("\(error)")
    }
    lines = reader.takeDamage() + lines
    damage = lines.isEmpty ? nil : lines.joined(separator: "\n")
    metadata = reader.metadata
  }
}

/// Sizes of reads: all at once, byte by byte, and odd pieces.
let waysToRead: [[Int]] = [[.max], [1], [7], [3, 1, 64, 5], [4096]]
