import Glibc

/// The first bytes of captures, and of what may be a compressed one: no output other than a capture begins so.
public enum CaptureMagic {
  /// Whether a file begins so. False when it cannot be read.
  public static func begins(_ path: FilePath) -> Bool {
    begins(unsafe path.withCString { unsafe open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) })
  }

  /// Whether a regular file begins so; closes it.
  static func begins(_ descriptor: Int32) -> Bool {
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var start: [UInt8] = [0, 0, 0, 0]
    guard FileIdentity(regular: descriptor) != nil, unsafe read(descriptor, &start, 4) == 4 else {
      return false
    }
    let magic = start.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    switch magic {
    // pcap in its forms, pcapng, zstd, lz4.
    case 0xA1B2_C3D4, 0xD4C3_B2A1, 0xA1B2_3C4D, 0x4D3C_B2A1, 0xA1B2_CD34, 0x34CD_B2A1, 0x0A0D_0D0A,
      0x28B5_2FFD,
      0x0422_4D18:
      return true
    // gzip; a frame of zstd or lz4 that is to be skipped.
    default: return magic >> 16 == 0x1F8B || magic & 0xF0FF_FFFF == 0x502A_4D18
    }
  }
}
