import Testing
import WireBytes

@testable import HTTP1

@Suite("The body of a refusal")
struct RefusalBodyTests {
  private func bodies(_ steps: [Step]) -> [KeptBody] {
    Conversation(steps).events.compactMap { if case .refusalBody(let body) = $0 { body } else { nil } }
  }

  private func refusal(_ fields: String..., body: String) -> [UInt8] {
    head(["HTTP/1.1 503 Service Unavailable"] + fields) + Array(body.utf8)
  }

  @Test("is kept however its end is known, without the framing of chunks")
  func framings() {
    let lengths = refusal("Content-Length: 5", body: "sorry")
    let chunks = refusal("Transfer-Encoding: chunked", body: "3\r\nsor\r\n2;x=y\r\nry\r\n0\r\nT: 1\r\n\r\n")
    let untilClose = refusal(body: "sorry")
    for response in [lengths, chunks, untilClose] {
      for cut in [response.count] + Array(stride(from: 60, to: response.count, by: 3)) {
        let pieces = [Array(response[..<cut]), Array(response[cut...])].filter { !$0.isEmpty }
        let found = bodies([.client(upgrade)] + pieces.map { .server($0) } + [.serverEnd])
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == ["sorry"])
        #expect(found.map(\.count) == [5])
      }
    }
  }

  @Test("is that of its own response, not of the next one")
  func ownResponse() {
    let ok = head("HTTP/1.1 200 OK", "Content-Length: 2") + Array("ok".utf8)
    let get = head("GET / HTTP/1.1", "Host: h")
    let found = bodies([
      .client(upgrade), .server(refusal("Content-Length: 2", body: "no")), .client(get), .server(ok),
      .client(upgrade), .server(refusal("Content-Length: 3", body: "nay")), .serverEnd,
    ])
    #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == ["no", "nay"])
  }

  @Test("is kept up to 2048 bytes, and ends where bytes are missing")
  func limits() {
    let long = String(repeating: "x", count: 5000)
    let found = bodies([.client(upgrade), .server(refusal("Content-Length: 5000", body: long))])
    #expect(found.map(\.bytes.count) == [2048] && found.map(\.count) == [5000])
    let cut = bodies([
      .client(upgrade), .server(refusal("Content-Length: 30", body: "0123456789")), .serverLost(10),
      .server(Array("0123456789".utf8)),
    ])
    #expect(cut.map(\.bytes.count) == [10] && cut.map(\.lacksBytes) == [true])
  }

  @Test("is nothing where it is empty, or the upgrade was granted")
  func none() {
    #expect(bodies([.client(upgrade), .server(refusal("Content-Length: 0", body: "")), .serverEnd]).isEmpty)
    #expect(bodies([.client(upgrade), .server(head(goodResponse) + [0x81, 1, 65])]).isEmpty)
  }
}
