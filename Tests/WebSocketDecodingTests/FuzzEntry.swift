import TestSupport
import WireBytes

@testable import WebSocketDecoding

/// Drives a decoder from raw bytes, as a fuzzer makes them: the first byte is the options, the rest says what
/// comes (`drive(_:with:into:)`). Traps when bytes are not accounted for.
///
///     bit  0      the server's side          bit  3      joined midstream
///     bit  1      compression allowed        bit  4      reports frames
///     bit  2      no context takeover        bits 5, 6   payload kept: 0, 3, 300, 65,536 bytes
func driveWebSocketDecoder(with bytes: Span<UInt8>) {
  guard bytes.count > 1 else { return }
  let flags = bytes[0]
  var setup = Setup(
    flags & 1 == 0 ? .client : .server, compression: flags & 2 != 0, forgetsContext: flags & 4 != 0,
    outOfStep: flags & 8 != 0)
  setup.options.reportsFrames = flags & 16 != 0
  setup.options.keptPayload = [0, 3, 300, 65_536][Int(flags >> 5 & 3)]
  setup.options.inflatedBytes = 1 << 16
  let context = DecodingContext(options: setup.options, sink: Recorder())
  defer { withExtendedLifetime(context) {} }
  let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
  var decoder = setup.decoder()
  let total = drive(&decoder, with: bytes.dropping(1), into: output)
  precondition(decoder.counts.streamBytes == total, "bytes are not accounted for")
}
