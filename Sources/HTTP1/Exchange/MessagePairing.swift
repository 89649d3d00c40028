/// Which response answers which request on one connection, and what that means for the protocol.
///
/// It is a table over the kinds of heads: it knows nothing of bytes, and its methods return what has to be done.
///
/// | State            | Requests without answer                  | Who waits for the other side's head |
/// |------------------|------------------------------------------|-------------------------------------|
/// | `exchanging`     | any number of ordinary ones              | nobody                              |
/// | `responseFirst`  | none that the response can answer        | the server, after its response      |
/// | `awaitingAnswer` | ordinary ones, then the question         | the client, after its question      |
/// | `answerFirst`    | ordinary ones, then the question         | both, until `resolveWaiting`        |
/// | `unanswered`     | ordinary ones                            | the client, for a look at what it sent |
struct MessagePairing {
  /// A request whose answer may end HTTP. It is always the client's last one: the client waits for the answer.
  enum Question {
    /// An upgrade to WebSocket.
    case upgrade(HTTPHead)
    /// An upgrade to something else.
    case otherUpgrade
    /// CONNECT, RFC 9110 §9.3.6.
    case connect
  }

  /// A request whose answer cannot end HTTP.
  enum OrdinaryRequest: UInt8 {
    /// The fields of its response say how long the body is.
    case ordinary
    /// HEAD: its response has no body, whatever its fields say.
    case head

    /// How its response goes on after its head.
    var responseBody: AfterHead { self == .head ? .noBody : .body }
  }

  /// What is awaited.
  enum State {
    /// Requests and responses follow each other.
    case exchanging
    /// The capture shows a final response before its request.
    case responseFirst(HTTPHead)
    /// The client asked for another protocol.
    case awaitingAnswer(Question)
    /// A response came first, and now a question that it may answer.
    case answerFirst(HTTPHead, to: Question)
    /// The server's stream ended without an answer. What the client sent after its question says whether HTTP goes on.
    case unanswered
  }

  /// How far the client's stream has come, compared with the responses that wait. A gap is given up late: what follows it
  /// comes after everything that the server sent meanwhile.
  enum ClientProgress {
    /// As far as the server's.
    case current
    /// A gap was given up. How far it has come, the next bytes say.
    case afterGap
    /// Bytes of this packet: a response in a later one may answer a request that is still to be read.
    case at(packet: UInt64)

    /// Whether a request that was captured before this packet may still be read.
    func isBehind(_ packet: UInt64) -> Bool {
      switch self {
      case .current: false
      case .afterGap: true
      case .at(let own): own < packet
      }
    }
  }

  /// What a response means.
  enum Verdict {
    /// HTTP goes on, and this follows the response's head.
    case goesOn(AfterHead)
    /// The request may follow: keep the response and call `wait`.
    case awaitsRequest
    /// The question is answered, and HTTP goes on.
    case refuses(Question)
    /// 101: frames follow. The request is nil if it was not captured.
    case webSocket(request: HTTPHead?)
    /// 101: another protocol follows.
    case otherProtocol
    /// The tunnel is open.
    case tunnel
  }

  private(set) var state = State.exchanging
  /// Ordinary requests without a final response, in their order.
  private var outstanding: [OrdinaryRequest] = []
  /// Whether a response without a request may still find one: false when the capture began too late, or when the client's
  /// stream has ended or is out of step.
  private(set) var mayRequestFollow: Bool
  /// How far the client's stream has come.
  var clientProgress = ClientProgress.current
  /// The start of a request that a gap cut before it could say what it asks for.
  private(set) var cutRequest: HTTPHead?
  /// The start of a 101 that a gap cut before it could say what follows.
  private var cutAnswer: HTTPHead?
  /// Captured bytes of a response that a gap cut before it could say its status.
  var bytesOfAnswer = 0
  /// Whether a request came before the first byte that may have asked for an upgrade.
  private let expectsUpgrade: Bool

  /// `startCaptured` is false when the connection was open before the capture began.
  init(startCaptured: Bool, earlierRequest: EarlierRequest = .unknown) {
    mayRequestFollow = startCaptured
    expectsUpgrade = if case .unknown = earlierRequest { false } else { true }
  }

  /// Whether a response of this packet may still find its request.
  private func mayRequestFollow(forResponseIn packet: UInt64) -> Bool {
    mayRequestFollow || clientProgress.isBehind(packet)
  }

  /// Whether a response waits only because the client's stream is late.
  var isResponseWaitingForLateRequest: Bool {
    if case .responseFirst = state { !mayRequestFollow } else { false }
  }

  /// Whether neither side waits for the other.
  var isExchanging: Bool { if case .exchanging = state { true } else { false } }

  /// Whether the client waits for an answer that can still come.
  var isAwaitingAnswer: Bool { if case .awaitingAnswer = state { true } else { false } }

  /// Whether the client waits after its question, and the server does not.
  var isClientWaiting: Bool {
    switch state {
    case .awaitingAnswer, .unanswered: true
    case .exchanging, .responseFirst, .answerFirst: false
    }
  }

  /// Whether a CONNECT waits for its answer.
  var isTunnelAsked: Bool {
    if case .awaitingAnswer(.connect) = state { true } else { false }
  }

  /// The question has an answer of which only the start is in the capture.
  mutating func dropQuestion() { state = .exchanging }

  /// The request for an upgrade to WebSocket that waits for its answer.
  var upgradeRequest: HTTPHead? {
    switch state {
    case .awaitingAnswer(.upgrade(let request)), .answerFirst(_, to: .upgrade(let request)): request
    default: nil
    }
  }

  // MARK: Requests

  /// The client sent a request whose answer cannot end HTTP.
  mutating func add(_ request: OrdinaryRequest) {
    if cutRequest != nil { cutRequest = nil }
    // A client that pipelines more than this, or a capture of one direction.
    if outstanding.count >= 1000 { outstanding.removeFirst() }
    outstanding.append(request)
  }

  /// The client sent a question.
  mutating func ask(_ question: Question) {
    (cutRequest, bytesOfAnswer) = (nil, 0)
    switch state {
    case .responseFirst(let response), .answerFirst(let response, to: _):
      state = .answerFirst(response, to: question)
    case .exchanging, .awaitingAnswer, .unanswered: state = .awaitingAnswer(question)
    }
  }

  /// A request shows that the client did not wait for the answer to its question: a gap in the body of that request may
  /// have taken its end. Returns the handshake that this leaves incomplete.
  mutating func withdrawQuestion() -> Handshake? {
    switch state {
    case .awaitingAnswer(.upgrade):
      outstanding = []
      return stopWaiting()
    case .awaitingAnswer:
      state = .exchanging
      outstanding.append(.ordinary)
    case .unanswered: state = .exchanging
    case .exchanging, .responseFirst, .answerFirst: break
    }
    return nil
  }

  /// The client's stream is lost or at its end: a response that has no request will find none.
  mutating func expectNoRequest() { (mayRequestFollow, clientProgress) = (false, .current) }

  /// A gap took requests. Of the responses that wait, only one whose request comes late finds it.
  mutating func expectOnlyLateRequests() { mayRequestFollow = false }

  // MARK: Responses

  /// Pairs a response that begins in `packet` with the request that it answers.
  mutating func answer(status: Int, concernsWebSocket: Bool, packet: UInt64) -> Verdict {
    // RFC 9110 §15.2: interim responses precede the final one; of them only 101 ends HTTP.
    if status < 200, status != 101 { return .goesOn(.noBody) }
    switch state {
    case .exchanging where isMissingRequest(status) && mayRequestFollow(forResponseIn: packet):
      return .awaitsRequest
    case .exchanging, .unanswered: return pair(status, concernsWebSocket, with: nil)
    case .awaitingAnswer(let question): return pair(status, concernsWebSocket, with: question)
    // The server has stopped; it sends no heads.
    case .responseFirst, .answerFirst: return .goesOn(.pause)
    }
  }

  /// Whether no request is known that such a response can answer. A request that was cut cannot be one for an upgrade that
  /// was granted: `adoptCutRequest` comes first.
  private func isMissingRequest(_ status: Int) -> Bool {
    outstanding.isEmpty && (cutRequest == nil || status == 101)
  }

  /// Keeps a response until its request comes.
  mutating func wait(_ response: HTTPHead) { state = .responseFirst(response) }

  /// The response that has waited and what it means, once that is certain.
  mutating func resolveWaiting() -> (response: HTTPHead, verdict: Verdict)? {
    switch state {
    // A 101 answers the request that asked for it, and waits for that one.
    case .responseFirst(let response)
    where !mayRequestFollow(forResponseIn: response.start.packet)
      || !isMissingRequest(response.status) && response.status != 101:
      state = .exchanging
      return (response, pair(response, with: nil))
    case .answerFirst(let response, to: let question):
      state = .awaitingAnswer(question)
      return (response, pair(response, with: question))
    default: return nil
    }
  }

  private mutating func pair(_ response: HTTPHead, with question: Question?) -> Verdict {
    let isGranted = response.isCut ? grants(response, question) : response.concernsWebSocket
    if response.isCut, response.status == 101, !isGranted {
      cutAnswer = response
      return .goesOn(.body)
    }
    return pair(response.status, isGranted, with: question)
  }

  /// Whether the start of a 101 is enough to know that frames follow: its status is the answer to an upgrade request.
  private func grants(_ response: HTTPHead, _ question: Question?) -> Bool {
    switch question {
    case .upgrade: true
    case .otherUpgrade, .connect: response.concernsWebSocket
    case nil: response.concernsWebSocket || outstanding.isEmpty && expectsUpgrade
    }
  }

  private mutating func pair(_ status: Int, _ concernsWebSocket: Bool, with question: Question?) -> Verdict {
    if status >= 200, cutRequest != nil { cutRequest = nil }
    if status == 101 {
      // It answers the request that asked for it, even if responses before it were lost.
      (outstanding, state) = ([], .exchanging)
      switch question {
      case .upgrade(let request): return .webSocket(request: request)
      case .otherUpgrade: return .otherProtocol
      case .connect, nil: return concernsWebSocket ? .webSocket(request: nil) : .otherProtocol
      }
    }
    if !outstanding.isEmpty { return .goesOn(outstanding.removeFirst().responseBody) }
    guard let question else { return .goesOn(.body) }
    (state, cutAnswer) = (.exchanging, nil)
    // RFC 9110 §9.3.6: any 2xx opens the tunnel.
    if case .connect = question, (200..<300).contains(status) { return .tunnel }
    // RFC 9110 §7.8: a server that does not want to switch answers as if it had not been asked.
    return .refuses(question)
  }

  // MARK: Cut heads

  /// Whether no request waits for its answer.
  var isSettled: Bool { isExchanging && outstanding.isEmpty }

  /// Keeps the start of a request whose rest is not in the capture.
  mutating func keepCut(request: HTTPHead) { (cutRequest, bytesOfAnswer) = (request, 0) }

  /// The start of a 101 came, and its request has come: what that means. Where it does not say what follows, it is kept.
  mutating func answer(cutSwitch response: HTTPHead) -> Verdict {
    if case .awaitingAnswer(let question) = state { return pair(response, with: question) }
    return pair(response, with: nil)
  }

  /// A final response was cut: what that means.
  mutating func answerCut(_ response: HTTPHead) -> Verdict {
    // Where a tunnel would begin is not known.
    if outstanding.isEmpty, case .awaitingAnswer(let question) = state {
      guard case .upgrade = question else { return .goesOn(.body) }
    }
    return answer(
      status: response.status, concernsWebSocket: response.concernsWebSocket,
      packet: response.start.packet)
  }

  /// Whether the start of a 101 waits until its request was read.
  func waitsForRequest(cutAnswer response: HTTPHead) -> Bool {
    isExchanging && outstanding.isEmpty && mayRequestFollow(forResponseIn: response.start.packet)
  }

  /// A 101 for WebSocket came or waits, or another answer that only an upgrade request gets, and the only request that it can
  /// answer is one that was cut: then that one asked for the upgrade. Returns it.
  mutating func adoptCutRequest() -> HTTPHead? {
    guard outstanding.isEmpty, let request = cutRequest else { return nil }
    switch state {
    case .exchanging: state = .awaitingAnswer(.upgrade(request))
    case .responseFirst(let response)
    where response.status == 101 && (response.isCut || response.concernsWebSocket):
      state = .answerFirst(response, to: .upgrade(request))
    default: return nil
    }
    cutRequest = nil
    return request
  }

  // MARK: Giving up

  /// The server's stream has ended. If the client waits for an answer, none will come.
  mutating func endUnanswered() -> Handshake? {
    guard case .awaitingAnswer = state else { return nil }
    let handshake = stopWaiting()
    state = .unanswered
    return handshake
  }

  /// The question will not be answered, or the answer will not be known. Returns the handshake that this leaves incomplete.
  mutating func stopWaiting() -> Handshake? {
    defer { (state, cutAnswer) = (.exchanging, nil) }
    return upgradeRequest.map {
      Handshake(request: $0, response: cutAnswer, bytesOfResponse: bytesOfAnswer)
    }
  }

  /// The client sends something other than HTTP while a 101 waits for its request: that request precedes the capture.
  mutating func takeWaitingSwitch() -> HTTPHead? {
    guard case .responseFirst(let response) = state, response.status == 101 else { return nil }
    state = .exchanging
    return response
  }
}
