/// How far the reading of files has got.
public struct InputProgress: Sendable {
  /// Bytes read so far.
  public var bytesRead: UInt64
  /// Bytes of all files.
  public var bytes: UInt64
}
