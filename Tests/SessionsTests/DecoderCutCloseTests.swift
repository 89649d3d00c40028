import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Output
@testable import SessionAnalysis
@testable import Sessions

/// Close frames that the snapshot length cut.
@Suite struct DecoderCutCloseTests {
  /// Both sides say something, then close with a reason; of the Close of `side` only some bytes of TCP's payload are captured.
  private func packets(cutting side: Side, to count: Int) -> [Packet] {
    var session = SyntheticSession()
    session.text(.client, "hello")
    session.text(.server, "hello")
    session.close(.client, 4001, "logout")
    session.close(.server, 4001, "logout")
    session.end(.server)
    var packets = session.packets
    let place = packets.count - (side == .client ? 4 : 3)
    let payload = side == .client ? 14 : 10
    packets[place] = packets[place].cut(to: packets[place].bytes.count - payload + count)
    return packets
  }

  @Test(
    "A Close whose payload is cut is a Close, with its code as far as that is captured",
    arguments: [
      (Side.client, 2, "with a status code that was not captured"),
      (.client, 5, "with a status code that was not captured"),
      (.client, 6, "with a status code that was not captured"),
      (.client, 7, "with a status code that was not captured"),
      (.client, 8, "with 4001"), (.client, 11, "with 4001"), (.client, 14, "with 4001"),
    ])
  func cutClient(side: Side, count: Int, words: String) throws {
    let heard = analyze(packets(cutting: side, to: count))
    let close = try #require(heard.closed.first)
    #expect(close.verdict.how == .closeHandshake && close.closedBy == .client)
    #expect(close.endingSentence == "closed by the client \(words)")
    #expect(heard.controls.map(\.closeCode) == [count >= 8 ? 4001 : nil, 4001])
    #expect(close.client.unexplainedBytes == 0)
    #expect(close.client.streamBytes == 25)
  }

  @Test("The answer may be cut as well", arguments: [2, 3, 4, 9])
  func cutServer(count: Int) throws {
    let heard = analyze(packets(cutting: .server, to: count))
    let close = try #require(heard.closed.first)
    #expect(close.verdict.how == .closeHandshake)
    #expect(close.endingSentence == "closed by the client with 4001")
    #expect(heard.controls.map(\.closeCode) == [4001, count >= 4 ? 4001 : nil])
    #expect(heard.shownControlBytes == [8, count - 2])
  }

  @Test func anAnswerThatMayBeAmongWhatIsMissingIsNotSaidToBeMissing() throws {
    let close = try #require(analyze(packets(cutting: .server, to: 0)).closed.first)
    #expect(
      close.endingSentence
        == "closed by the client with 4001; no answer in what was captured of the server (10 bytes not captured or not read) "
        + "before TCP was closed by the server")
  }
}
