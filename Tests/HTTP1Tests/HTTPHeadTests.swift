import Testing

@testable import HTTP1

@Suite("Fields of a head")
struct HTTPHeadTests {
  private func parsed(_ lines: String...) throws -> HTTPHead {
    let conversation = Conversation([.client(head(["GET /a?b HTTP/1.1", "Upgrade: websocket"] + lines))])
    return try #require(conversation.requests.first)
  }

  @Test("names are found whatever their letter case; order and spelling stay as sent")
  func lookup() throws {
    let head = try parsed("hOsT:  h:80 \t", "X-Empty:", "x-two: 1", "X-TWO: 2")
    #expect((head.method, head.target, head.version, head.status) == ("GET", "/a?b", "1.1", 0))
    #expect(head["HOST"] == "h:80" && head["x-empty"] == "" && head["absent"] == nil)
    #expect(head.values(of: "X-Two") == ["1", "2"])
    #expect(head.headers.map(\.name) == ["Upgrade", "hOsT", "X-Empty", "x-two", "X-TWO"])
  }

  @Test("fields as bytes are the same as in strings, folded ones joined")
  func bytes() throws {
    let head = try parsed("A: b", " c", "Empty:", "D: e  ", "\t f", "G: h")
    var fields: [String] = []
    head.forEachField { name, value in
      fields.append(
        String(decoding: name.toArray(), as: UTF8.self) + "="
          + String(decoding: value.toArray(), as: UTF8.self))
    }
    #expect(fields == head.headers.map { "\($0.name)=\($0.value)" })
    #expect(fields == ["Upgrade=websocket", "A=b c", "Empty=", "D=e f", "G=h"])
  }

  @Test("lists go over several lines, and quoted strings may hold commas")
  func tokens() throws {
    let head = try parsed("L: a , ,b", "l: \"c,d\\\",\";e=\"f,g\" , h,", "M: \"open, x")
    #expect(head.tokens(of: "L") == ["a", "b", "\"c,d\\\",\";e=\"f,g\"", "h"])
    #expect(head.tokens(of: "M") == ["\"open, x"])
    #expect(head.has("b", in: "L") && !head.has("c", in: "l"))
  }

  @Test("start and end name the packets that brought the first and the last byte")
  func positions() throws {
    let conversation = Conversation([
      .client(Array("\r\nGET / HTTP/1.1\r\nUpgr".utf8)), .client(Array("ade: websocket\r\n\r".utf8)),
      .client(Array("\n".utf8)),
    ])
    let head = try #require(conversation.requests.first)
    #expect((head.start.offset, head.start.packet, head.end.offset, head.end.packet) == (2, 1, 39, 3))
  }
}
