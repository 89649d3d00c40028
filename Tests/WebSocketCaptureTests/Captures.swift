import Glibc
import Testing
import WebSocketCapture

/// The path of a sample's capture.
func sample(_ story: String) -> String {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return "/\(root)/samples/\(story)/capture.pcap"
}

struct FileError: Error {
  let path: String
}

/// The bytes of a file.
func contents(of path: String) throws -> [UInt8] {
  guard let file = unsafe fopen(path, "rb") else { throw FileError(path: path) }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  while true {
    let block = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      unsafe count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
    if block.isEmpty { return bytes }
    bytes += block
  }
}

/// Lends `body` the path of a file with these bytes.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let path = "/tmp/wstap-test-\(getpid())-\(UInt64.random(in: .min ... .max)).pcap"
  guard let file = unsafe fopen(path, "wb") else { throw FileError(path: path) }
  defer { unsafe unlink(path) }
  let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
  let closed = unsafe fclose(file)
  #expect(written == bytes.count && closed == 0)
  return try body(path)
}

extension Sequence<WebSocketEvent> {
  var messages: [WebSocketMessage] {
    compactMap { if case .message(let message) = $0 { message } else { nil } }
  }

  var frames: [WebSocketFrame] {
    compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
  }

  var anomalies: [WebSocketAnomaly] {
    compactMap { if case .anomaly(let anomaly) = $0 { anomaly } else { nil } }
  }

  var opened: [SessionOpened] {
    compactMap { if case .sessionOpened(let session) = $0 { session } else { nil } }
  }

  var closed: [SessionClosed] {
    compactMap { if case .sessionClosed(let session) = $0 { session } else { nil } }
  }

  var ended: [CaptureEnded] {
    compactMap { if case .captureEnded(let capture) = $0 { capture } else { nil } }
  }
}
