import TestSupport

/// Two directions of a TCP connection that carries something else than WebSocket, made up with a random part.
struct OtherProtocol: Sendable, CustomStringConvertible {
  /// A message of one direction: 0 is the client's.
  typealias Turn = (direction: Int, bytes: [UInt8])

  var description: String
  var turn: @Sendable (inout SeededRandom, _ number: Int) -> [Turn]
  /// The first packet is never cut. Without its own header a protocol that carries frames is a WebSocket as far as anyone can tell.
  var beginsWithWholePacket = false

  init(_ description: String, _ turn: @escaping @Sendable (inout SeededRandom, Int) -> [Turn]) {
    self.description = description
    self.turn = turn
  }

  /// Packets as a capture that began in the middle has them: every message cut by the segment size, the first ones left
  /// out, now and then with its first bytes cut off.
  func packets(_ random: inout SeededRandom) -> [Turn] {
    var packets: [Turn] = []
    let size = [256, 500, 536, 1400, 1448, 1460, 65_483][Int.random(in: 0..<7, using: &random)]
    for number in 0..<Int.random(in: 3...40, using: &random) {
      for (direction, bytes) in turn(&random, number) {
        for start in stride(from: 0, to: bytes.count, by: size) {
          packets.append((direction, Array(bytes[start..<min(start + size, bytes.count)])))
        }
      }
    }
    packets.removeFirst(Int.random(in: 0...packets.count / 2, using: &random))
    if !beginsWithWholePacket, Int.random(in: 0..<4, using: &random) == 0, let first = packets.first {
      packets[0].bytes = Array(first.bytes.dropFirst(Int.random(in: 0..<first.bytes.count, using: &random)))
    }
    return packets.filter { !$0.bytes.isEmpty }
  }

  static let all: [OtherProtocol] = texts + secured + binary + encodings
}

// MARK: Text

extension OtherProtocol {
  private static let texts: [OtherProtocol] = [
    OtherProtocol("HTTP with a text body") { random, _ in
      let body = prose(&random, Int.random(in: 20...20_000, using: &random))
      return [
        (0, Array("GET /\(random.next()) HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8)),
        (1, Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body),
      ]
    },
    OtherProtocol("HTTP with a chunked JSON body") { random, _ in
      var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let chunk = json(&random)
        bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
      }
      return [
        (0, Array("POST /api HTTP/1.1\r\nContent-Length: 40\r\n\r\n".utf8) + random.bytes(40)), (1, bytes),
      ]
    },
    OtherProtocol("HTTP with a compressed body") { random, _ in
      let body = random.bytes(Int.random(in: 100...60_000, using: &random))
      return [
        (0, Array("GET /image HTTP/1.1\r\n\r\n".utf8)),
        (1, Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body),
      ]
    },
    OtherProtocol("server-sent events") { random, _ in [(1, Array("data: ".utf8) + json(&random) + [10, 10])]
    },
    OtherProtocol("SMTP") { random, number in
      number % 3 == 2
        ? [
          (0, prose(&random, 4000) + Array("\r\n.\r\n".utf8)),
          (1, Array("250 2.0.0 Ok: queued as \(number)\r\n".utf8)),
        ]
        : [(0, Array("RCPT TO:<a\(number)@example.org>\r\n".utf8)), (1, Array("250 2.1.5 Ok\r\n".utf8))]
    },
    OtherProtocol("IMAP") { random, number in
      let text = prose(&random, 300)
      return [
        (0, Array("a\(number) UID FETCH \(number):* (FLAGS)\r\n".utf8)),
        (1, Array("* \(number) FETCH (BODY[] {300}\r\n".utf8) + text + Array(")\r\na\(number) OK\r\n".utf8)),
      ]
    },
    OtherProtocol("Redis") { random, _ in
      let value = json(&random)
      return [
        (0, Array("*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n".utf8)),
        (1, Array("$\(value.count)\r\n".utf8) + value + [13, 10]),
      ]
    },
    OtherProtocol("lines of JSON") { random, _ in
      [(Int.random(in: 0...1, using: &random), json(&random) + [10])]
    },
    OtherProtocol("prose in other scripts") { random, _ in
      [(Int.random(in: 0...1, using: &random), prose(&random, Int.random(in: 10...3000, using: &random)))]
    },
    OtherProtocol("Telnet") { random, _ in
      [(0, [UInt8.random(in: 0x61...0x7A, using: &random)]), (1, [0xFF, 0xFB, 1] + prose(&random, 60))]
    },
  ]

  /// Text of one language with about so many bytes.
  static func prose(_ random: inout SeededRandom, _ bytes: Int) -> [UInt8] {
    let sentences = [
      "The quick brown fox jumps over the lazy dog. ", "Привет, мир! Сегодня хорошая погода, с чего начать? ",
      "你好，世界。今天天气不错，我们去公园散步吧。", "「こんにちは」、と言いました。", "Árvíztűrő tükörfúrógép. ",
      "Η γρήγορη καφέ αλεπού. ", "שלום עולם. ", "🙂🙃😉 ", "<p class=\"a\">text</p>\n", "1234,5678,0.25;\n",
    ]
    let sentence = Array(sentences[Int.random(in: sentences.indices, using: &random)].utf8)
    var text: [UInt8] = []
    while text.count < bytes {
      text += sentence.dropFirst(Int.random(in: 0..<4, using: &random) == 0 ? sentence.count / 2 : 0)
    }
    return text
  }

  static func json(_ random: inout SeededRandom) -> [UInt8] {
    var text = "{\"id\":\(random.next()),\"values\":["
    for _ in 0..<Int.random(in: 0...60, using: &random) {
      text += "\(Int.random(in: 0...99_999, using: &random)),"
    }
    return Array(
      (text + "0],\"name\":\"\(["a", "Müller", "сергей", "王"][Int.random(in: 0..<4, using: &random)])\"}")
        .utf8)
  }
}

// MARK: Secured

extension OtherProtocol {
  private static let secured: [OtherProtocol] = [
    OtherProtocol("TLS records") { random, _ in
      let size = Int.random(in: 20...16_400, using: &random)
      return [(Int.random(in: 0...1, using: &random), [0x17, 3, 3] + number(size) + random.bytes(size))]
    },
    OtherProtocol("SSH packets") { random, _ in
      [(Int.random(in: 0...1, using: &random), random.bytes(16 * Int.random(in: 2...40, using: &random) + 4))]
    },
    OtherProtocol("random bytes in one direction") { random, _ in
      [(1, random.bytes(Int.random(in: 1...3000, using: &random)))]
    },
    OtherProtocol("random bytes") { random, _ in
      [(Int.random(in: 0...1, using: &random), random.bytes(Int.random(in: 1...5000, using: &random)))]
    },
    OtherProtocol("short random bytes") { random, _ in
      [(Int.random(in: 0...1, using: &random), random.bytes(Int.random(in: 1...40, using: &random)))]
    },
    OtherProtocol("a download") { random, _ in [(1, random.bytes(30_000))] },
    OtherProtocol("WireGuard over TCP") { random, _ in
      let size = 16 * Int.random(in: 2...80, using: &random)
      return [
        (Int.random(in: 0...1, using: &random), number(size + 16) + [4, 0, 0, 0] + random.bytes(size + 12))
      ]
    },
  ]

  /// Big-endian.
  static func number(_ value: Int, bytes: Int = 2) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * (bytes - 1 - $0))) }
  }
}

// MARK: Binary with lengths

extension OtherProtocol {
  private static let binary: [OtherProtocol] = [
    OtherProtocol("DNS over TCP") { random, _ in
      let identity = random.bytes(2)
      let name = [UInt8(7)] + Array("example".utf8) + [3] + Array("org".utf8) + [0]
      let query = identity + [1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 1, 0, 1]
      let answers = Int.random(in: 1...30, using: &random)
      var reply = identity + [0x81, 0x80, 0, 1, 0, UInt8(answers), 0, 0, 0, 0] + name + [0, 1, 0, 1]
      for _ in 0..<answers { reply += [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0x0E, 0x10, 0, 4] + random.bytes(4) }
      return [(0, number(query.count) + query), (1, number(reply.count) + reply)]
    },
    OtherProtocol("two bytes of length and a body") { random, _ in
      let body = random.bytes(Int.random(in: 1...600, using: &random))
      return [(Int.random(in: 0...1, using: &random), number(body.count) + body)]
    },
    OtherProtocol("two bytes of length and JSON") { random, _ in
      let body = json(&random)
      return [(Int.random(in: 0...1, using: &random), number(body.count) + body)]
    },
    OtherProtocol("four bytes of length and a body") { random, _ in
      let body = random.bytes(Int.random(in: 1...3000, using: &random))
      return [(Int.random(in: 0...1, using: &random), number(body.count, bytes: 4) + body)]
    },
    OtherProtocol("MQTT") { random, number in
      let topic = Array("sensors/room\(number % 7)/temperature".utf8)
      let payload = Array("\(Int.random(in: 0...4000, using: &random))".utf8)
      let body = OtherProtocol.number(topic.count) + topic + payload
      switch number % 5 {
      case 0:
        return [
          (
            0,
            [0x82, UInt8(topic.count + 5), 0, UInt8(number)] + OtherProtocol.number(topic.count) + topic + [0]
          ), (1, [0x90, 3, 0, UInt8(number), 0]),
        ]
      case 1: return [(0, [0xC0, 0]), (1, [0xD0, 0])]
      default: return [(Int.random(in: 0...1, using: &random), [0x30, UInt8(body.count)] + body)]
      }
    },
    OtherProtocol("an MQTT subscriber") { random, number in
      let topic = Array("a/\(random.next() % 1000)".utf8)
      return [
        (
          0,
          [0x82, UInt8(topic.count + 5), 0, UInt8(number)] + OtherProtocol.number(topic.count) + topic + [0]
        ),
        (1, [0x90, 3, 0, UInt8(number), 0]),
      ]
    },
    OtherProtocol("PostgreSQL") { random, number in
      let rows = (0..<Int.random(in: 1...20, using: &random)).flatMap { _ -> [UInt8] in
        [0x44] + OtherProtocol.number(14, bytes: 4) + [0, 1] + OtherProtocol.number(4, bytes: 4)
          + random.bytes(4)
      }
      let query = Array("SELECT \(number) FROM t\0".utf8)
      return [
        (0, [0x51] + OtherProtocol.number(query.count + 4, bytes: 4) + query),
        (1, rows + [0x43, 0, 0, 0, 13] + Array("SELECT 1\0".utf8) + [0x5A, 0, 0, 0, 5, 0x49]),
      ]
    },
    OtherProtocol("MySQL") { random, number in
      let query = Array("SELECT \(number)".utf8)
      let row = random.bytes(Int.random(in: 1...250, using: &random))
      return [
        (0, [UInt8(query.count + 1), 0, 0, 0, 3] + query),
        (1, [1, 0, 0, 1, 1, UInt8(row.count), 0, 0, 2] + row + [5, 0, 0, 3, 0xFE, 0, 0, 2, 0]),
      ]
    },
    OtherProtocol("memcached, binary") { random, _ in
      let value = random.bytes(Int.random(in: 1...120, using: &random))
      let head = { (magic: UInt8, extra: Int, body: Int) -> [UInt8] in
        [magic, 0, 0, 5, UInt8(extra), 0, 0, 0] + OtherProtocol.number(body, bytes: 4)
          + [UInt8](repeating: 0, count: 12)
      }
      return [
        (0, head(0x80, 0, 5) + Array("key:1".utf8)),
        (1, head(0x81, 4, value.count + 4) + [0, 0, 0, 0] + value),
      ]
    },
    OtherProtocol("Cassandra, version 1") { random, number in
      let body = random.bytes(Int.random(in: 8...300, using: &random))
      return [
        (0, [1, 0, UInt8(number), 7] + OtherProtocol.number(body.count, bytes: 4) + body),
        (1, [0x81, 0, UInt8(number), 8] + OtherProtocol.number(body.count, bytes: 4) + body),
      ]
    },
    OtherProtocol("Cassandra, version 2") { random, number in
      let body = Array("SELECT * FROM table\(number)".utf8)
      return [
        (0, [2, 0, UInt8(number), 7] + OtherProtocol.number(body.count, bytes: 4) + body),
        (1, [0x82, 1, UInt8(number), 8] + OtherProtocol.number(body.count, bytes: 4) + body),
      ]
    },
    OtherProtocol("HTTP/2 frames") { random, number in
      let size = Int.random(in: 0...5000, using: &random)
      let stream = OtherProtocol.number(number * 2 + 1, bytes: 4)
      return [
        (0, OtherProtocol.number(40, bytes: 3) + [1, 5] + stream + random.bytes(40)),
        (1, OtherProtocol.number(size, bytes: 3) + [0, 1] + stream + random.bytes(size)),
      ]
    },
    OtherProtocol("Modbus") { random, number in
      [
        (0, [0, UInt8(number), 0, 0, 0, 6, 1, 3, 0, 0, 0, 2]),
        (1, [0, UInt8(number), 0, 0, 0, 7, 1, 3, 4] + random.bytes(4)),
      ]
    },
    OtherProtocol("AMQP 0-9-1") { random, _ in
      let body = json(&random)
      return [
        (
          Int.random(in: 0...1, using: &random),
          [3, 0, 1] + OtherProtocol.number(body.count, bytes: 4) + body + [0xCE]
        )
      ]
    },
    OtherProtocol("LDAP") { random, number in
      let body = Array("cn=user\(number),dc=example,dc=org".utf8)
      return [
        (
          0,
          [
            0x30, UInt8(body.count + 7), 2, 1, UInt8(number), 0x63, UInt8(body.count + 2), 4,
            UInt8(body.count),
          ] + body
        ),
        (1, [0x30, 0x0C, 2, 1, UInt8(number), 0x65, 7, 10, 1, 0, 4, 0, 4, 0]),
      ]
    },
    OtherProtocol("RTP in RTSP") { random, number in
      let size = Int.random(in: 50...1400, using: &random)
      return [
        (
          1,
          [0x24, 0] + OtherProtocol.number(size + 4) + [0x80, 0x60] + OtherProtocol.number(number)
            + random.bytes(size)
        )
      ]
    },
    OtherProtocol("RTP after RFC 4571") { random, number in
      let size = Int.random(in: 20...1200, using: &random)
      return [
        (
          Int.random(in: 0...1, using: &random),
          OtherProtocol.number(size + 12) + [0x80, 0x60] + OtherProtocol.number(number)
            + random.bytes(8 + size)
        )
      ]
    },
    OtherProtocol("one byte of type and one of length") { random, _ in
      let body = random.bytes(Int.random(in: 0...255, using: &random))
      let type = UInt8.random(in: 0...127, using: &random)
      return [(Int.random(in: 0...1, using: &random), [type, UInt8(body.count)] + body)]
    },
    OtherProtocol("one byte of length and a text") { random, _ in
      let body = prose(&random, 20).prefix(120)
      return [(Int.random(in: 0...1, using: &random), [UInt8(body.count)] + body)]
    },
  ]
}

// MARK: Encodings

extension OtherProtocol {
  private static let encodings: [OtherProtocol] = [
    OtherProtocol("MessagePack maps") { random, _ in
      [
        (
          Int.random(in: 0...1, using: &random),
          [0x82, 0xA2] + Array("id".utf8) + [0xCE] + random.bytes(4) + [0xA1, 0x61, 0x90]
        )
      ]
    },
    OtherProtocol("small MessagePack maps") { random, _ in
      let text = prose(&random, 10).prefix(20)
      return [
        (
          Int.random(in: 0...1, using: &random),
          [0x81, 0xA4] + Array("text".utf8) + [0xA0 | UInt8(text.count)] + text
        )
      ]
    },
    OtherProtocol("CBOR arrays") { random, number in
      [
        (
          Int.random(in: 0...1, using: &random),
          [0x82, 0x18, UInt8(number + 24), 0x81, 0x19] + random.bytes(2)
        )
      ]
    },
    OtherProtocol("CBOR texts in arrays") { random, _ in
      [(1, [0x81, 0x78, 40] + Array(prose(&random, 40).prefix(40)))]
    },
    OtherProtocol("protobuf with lengths") { random, _ in
      let body = prose(&random, 60)
      let message: [UInt8] = [0x0A, UInt8(min(body.count, 127))] + body.prefix(127)
      return [(Int.random(in: 0...1, using: &random), [0x80 | UInt8(message.count & 0x7F), 1] + message)]
    },
    OtherProtocol("sound") { random, _ in
      var sample = 0
      return [
        (
          1,
          (0..<700).flatMap { _ -> [UInt8] in
            sample += Int.random(in: -300...300, using: &random)
            return OtherProtocol.number(sample)
          }
        )
      ]
    },
    OtherProtocol("numbers in a table") { random, _ in
      [(1, (0..<300).flatMap { OtherProtocol.number($0 % 200 + 1) })]
    },
    OtherProtocol("zeros") { _, _ in
      [(0, [UInt8](repeating: 0, count: 900)), (1, [UInt8](repeating: 0, count: 10))]
    },
  ]
}
