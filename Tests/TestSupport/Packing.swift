import CLZ4
import CZlib
import CZstd

/// A format that packs bytes, without the program of that name.
public enum Packing: String, CaseIterable, Sendable {
  /// RFC 1952.
  case gzip
  /// RFC 8878.
  case zstd
  /// The LZ4 frame format.
  case lz4

  /// The bytes, packed: one member or frame.
  public func pack(_ bytes: [UInt8]) -> [UInt8] {
    // Each library says how much it needs at most; twice as much and a bit is beyond all of them.
    unsafe [UInt8](unsafeUninitializedCapacity: bytes.count * 2 + 65_536) { output, count in
      unsafe bytes.withUnsafeBytes { input in
        unsafe count = pack(input, UnsafeMutableRawBufferPointer(output))
      }
    }
  }

  private func pack(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) -> Int {
    switch self {
    case .gzip: unsafe packGzip(input, output)
    case .zstd: unsafe ZSTD_compress(output.baseAddress, output.count, input.baseAddress, input.count, 3)
    case .lz4:
      unsafe LZ4F_compressFrame(output.baseAddress, output.count, input.baseAddress, input.count, nil)
    }
  }

  private func packGzip(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) -> Int {
    var stream = unsafe z_stream()
    unsafe deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)
    )
    unsafe stream.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.avail_in = UInt32(input.count)
    unsafe stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.avail_out = UInt32(output.count)
    unsafe deflate(&stream, Z_FINISH)
    unsafe deflateEnd(&stream)
    return unsafe Int(stream.total_out)
  }
}
