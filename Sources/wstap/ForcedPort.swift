import ArgumentParser

/// The value of `--decode-as`: `websocket:8080`
struct ForcedPort: ExpressibleByArgument {
  var port: UInt16

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "websocket", let port = UInt16(parts[1]) else { return nil }
    self.port = port
  }
}
