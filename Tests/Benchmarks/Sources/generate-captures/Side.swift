enum Side: Int {
  case client
  case server

  var other: Side { self == .client ? .server : .client }
}

/// One value for each side of a conversation.
struct PerSide<Value> {
  var client: Value
  var server: Value

  subscript(_ side: Side) -> Value {
    _read {
      switch side {
      case .client: yield client
      case .server: yield server
      }
    }
    _modify {
      switch side {
      case .client: yield &client
      case .server: yield &server
      }
    }
  }
}

struct Endpoint {
  var address: UInt32
  var port: UInt16

  init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) {
    address = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    self.port = port
  }

  /// The n-th client, eight connections an address. No pair of address and port comes twice in a capture:
  /// a reused one would be a story of its own.
  init(client serial: Int) {
    address = 10 << 24 | UInt32(serial / 8 + 2)
    port = UInt16(32_768 + (serial / 8 &* 7919) % 3_500 * 8 + serial % 8)
  }
}
