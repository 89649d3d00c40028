import Testing
import WireBytes

@testable import HTTP1

@Suite("Which response answers which request")
struct MessagePairingTests {
  /// A request, as the pairing hears of it.
  enum Asked: Sendable { case get, head, upgrade, otherUpgrade, connect }

  /// The heads of an upgrade that the pairing keeps.
  private let request = Conversation([.client(head(goodRequest))]).requests[0]
  private func response(_ line: String) throws -> HTTPHead {
    try #require(handshake(goodRequest, [line] + goodResponse.dropFirst())?.response)
  }

  private func ask(_ asked: [Asked], _ pairing: inout MessagePairing) {
    for one in asked {
      switch one {
      case .get: pairing.add(.ordinary)
      case .head: pairing.add(.head)
      case .upgrade: pairing.ask(.upgrade(request))
      case .otherUpgrade: pairing.ask(.otherUpgrade)
      case .connect: pairing.ask(.connect)
      }
    }
  }

  private func text(_ verdict: MessagePairing.Verdict) -> String {
    switch verdict {
    case .goesOn(let after): "goes on, \(after)"
    case .awaitsRequest: "awaits its request"
    case .refuses(.upgrade): "refuses the upgrade"
    case .refuses(.otherUpgrade): "refuses the other upgrade"
    case .refuses(.connect): "refuses the tunnel"
    case .webSocket(let request): request == nil ? "WebSocket without a request" : "WebSocket"
    case .otherProtocol: "other protocol"
    case .tunnel: "tunnel"
    }
  }

  private func text(_ state: MessagePairing.State) -> String {
    switch state {
    case .exchanging: "exchanging"
    case .responseFirst: "response first"
    case .awaitingAnswer: "awaiting an answer"
    case .answerFirst: "answer first"
    case .unanswered: "unanswered"
    }
  }

  @Test(
    "a response is judged by the request that it answers",
    arguments: [
      ([.get], 200, "goes on, body", "exchanging"),
      ([.head], 200, "goes on, noBody", "exchanging"),
      ([.get], 103, "goes on, noBody", "exchanging"),
      ([], 200, "awaits its request", "exchanging"),
      ([], 100, "goes on, noBody", "exchanging"),
      ([.upgrade], 101, "WebSocket", "exchanging"),
      ([.upgrade], 401, "refuses the upgrade", "exchanging"),
      ([.get, .upgrade], 200, "goes on, body", "awaiting an answer"),
      ([.head, .upgrade], 200, "goes on, noBody", "awaiting an answer"),
      // Even if the responses before it were lost.
      ([.get, .get, .upgrade], 101, "WebSocket", "exchanging"),
      ([.otherUpgrade], 101, "other protocol", "exchanging"),
      ([.otherUpgrade], 200, "refuses the other upgrade", "exchanging"),
      ([.connect], 204, "tunnel", "exchanging"),
      ([.connect], 407, "refuses the tunnel", "exchanging"),
      ([.connect], 101, "WebSocket without a request", "exchanging"),
      ([.get], 101, "WebSocket without a request", "exchanging"),
    ] as [([Asked], Int, String, String)])
  func verdicts(asked: [Asked], status: Int, verdict: String, state: String) {
    var pairing = MessagePairing(startCaptured: true)
    ask(asked, &pairing)
    #expect(text(pairing.answer(status: status, concernsWebSocket: true, packet: 1)) == verdict)
    #expect(text(pairing.state) == state)
  }

  @Test(
    "a response that came first waits for the request that it can answer",
    arguments: [
      ("HTTP/1.1 200 OK", [.get], "goes on, body", "exchanging"),
      ("HTTP/1.1 200 OK", [.head, .get], "goes on, noBody", "exchanging"),
      ("HTTP/1.1 200 OK", [.get, .upgrade], "goes on, body", "awaiting an answer"),
      ("HTTP/1.1 403 No", [.upgrade], "refuses the upgrade", "exchanging"),
      ("HTTP/1.1 101 Yes", [.upgrade], "WebSocket", "exchanging"),
      ("HTTP/1.1 101 Yes", [.get, .upgrade], "WebSocket", "exchanging"),
      ("HTTP/1.1 101 Yes", [.get], nil, "response first"),
      ("HTTP/1.1 101 Yes", [], nil, "response first"),
    ] as [(String, [Asked], String?, String)])
  func responseFirst(line: String, asked: [Asked], verdict: String?, state: String) throws {
    var pairing = MessagePairing(startCaptured: true)
    pairing.wait(try response(line))
    ask(asked, &pairing)
    #expect(pairing.resolveWaiting().map { text($0.verdict) } == verdict)
    #expect(text(pairing.state) == state)
  }

  @Test("a response without a request is taken as it is once no request can follow")
  func noRequest() throws {
    var late = MessagePairing(startCaptured: false)
    #expect(text(late.answer(status: 200, concernsWebSocket: false, packet: 1)) == "goes on, body")
    var pairing = MessagePairing(startCaptured: true)
    pairing.wait(try response("HTTP/1.1 101 Yes"))
    #expect(pairing.resolveWaiting() == nil)
    pairing.expectNoRequest()
    #expect(pairing.resolveWaiting().map { text($0.verdict) } == "WebSocket without a request")
  }

  @Test(
    "after a gap a response waits only for a request that was captured before it",
    arguments: [
      (.current, "goes on, body"), (.afterGap, "awaits its request"), (.at(packet: 6), "awaits its request"),
      (.at(packet: 7), "goes on, body"), (.at(packet: 8), "goes on, body"),
    ] as [(MessagePairing.ClientProgress, String)])
  func afterGap(progress: MessagePairing.ClientProgress, verdict: String) {
    var pairing = MessagePairing(startCaptured: true)
    pairing.expectOnlyLateRequests()
    pairing.clientProgress = progress
    #expect(text(pairing.answer(status: 403, concernsWebSocket: false, packet: 7)) == verdict)
  }

  @Test("of a response that waits for a late request, the progress of the client says when it stops waiting")
  func stopsWaiting() throws {
    var pairing = MessagePairing(startCaptured: true)
    pairing.expectOnlyLateRequests()
    pairing.clientProgress = .afterGap
    pairing.wait(try response("HTTP/1.1 403 No"))
    #expect(pairing.isResponseWaitingForLateRequest)
    #expect(pairing.resolveWaiting() == nil)
    pairing.clientProgress = .current
    #expect(pairing.resolveWaiting().map { text($0.verdict) } == "goes on, body")
    #expect(!pairing.isResponseWaitingForLateRequest)
  }

  @Test(
    "a final response that was cut answers what it would have answered whole, but opens no tunnel",
    arguments: [
      ([.upgrade], "refuses the upgrade", "exchanging"),
      ([.get, .upgrade], "goes on, body", "awaiting an answer"),
      ([.connect], "goes on, body", "awaiting an answer"),
      ([.otherUpgrade], "goes on, body", "awaiting an answer"),
      ([], "awaits its request", "exchanging"),
    ] as [([Asked], String, String)])
  func cutResponse(asked: [Asked], verdict: String, state: String) throws {
    var pairing = MessagePairing(startCaptured: true)
    ask(asked, &pairing)
    #expect(text(pairing.answerCut(try response("HTTP/1.1 200 OK"))) == verdict)
    #expect(text(pairing.state) == state)
  }

  @Test("a request that a gap cut has its answer in the next final response")
  func answerToCutRequest() {
    var pairing = MessagePairing(startCaptured: true)
    pairing.keepCut(request: request)
    #expect(text(pairing.answer(status: 103, concernsWebSocket: false, packet: 1)) == "goes on, noBody")
    #expect(pairing.cutRequest != nil)
    #expect(text(pairing.answer(status: 200, concernsWebSocket: false, packet: 1)) == "goes on, body")
    #expect(pairing.cutRequest == nil)
    #expect(text(pairing.answer(status: 200, concernsWebSocket: false, packet: 1)) == "awaits its request")
  }

  @Test("a question that the client did not wait for ends unanswered, with the requests before it")
  func withdrawn() {
    var pairing = MessagePairing(startCaptured: true)
    ask([.get, .upgrade], &pairing)
    #expect(pairing.withdrawQuestion()?.outcome == .incomplete)
    ask([.head], &pairing)
    #expect(text(pairing.answer(status: 200, concernsWebSocket: false, packet: 1)) == "goes on, noBody")
    // Other questions are ordinary requests then.
    ask([.otherUpgrade], &pairing)
    #expect(pairing.withdrawQuestion() == nil)
    ask([.upgrade], &pairing)
    #expect(text(pairing.answer(status: 200, concernsWebSocket: false, packet: 1)) == "goes on, body")
    #expect(pairing.isAwaitingAnswer)
  }

  @Test("a server that has ended leaves the question unanswered once")
  func unanswered() {
    var pairing = MessagePairing(startCaptured: true)
    #expect(pairing.endUnanswered() == nil && pairing.isExchanging)
    ask([.upgrade], &pairing)
    #expect(pairing.endUnanswered()?.outcome == .incomplete)
    #expect(text(pairing.state) == "unanswered" && pairing.isClientWaiting && !pairing.isAwaitingAnswer)
    #expect(pairing.endUnanswered() == nil && pairing.stopWaiting() == nil)
    #expect(pairing.isExchanging)
  }

  @Test("a request that was cut is the one that a 101 answers, if nothing else can be")
  func cutRequest() throws {
    var pairing = MessagePairing(startCaptured: true)
    #expect(pairing.adoptCutRequest() == nil)
    pairing.keepCut(request: request)
    #expect(pairing.adoptCutRequest() != nil && pairing.isAwaitingAnswer && pairing.cutRequest == nil)
    #expect(text(pairing.answer(cutSwitch: try response("HTTP/1.1 101 Yes"))) == "WebSocket")
    #expect(pairing.isExchanging)
    // A whole request came since.
    pairing.keepCut(request: request)
    ask([.get], &pairing)
    #expect(pairing.adoptCutRequest() == nil && pairing.cutRequest == nil)
  }

  @Test("of a thousand requests without an answer the oldest is forgotten")
  func oneDirection() {
    var pairing = MessagePairing(startCaptured: true)
    ask([.head] + [Asked](repeating: .get, count: 1000), &pairing)
    #expect(text(pairing.answer(status: 200, concernsWebSocket: false, packet: 1)) == "goes on, body")
  }
}
