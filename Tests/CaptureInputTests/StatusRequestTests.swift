import Testing

@testable import CaptureInput

@Suite("Asking for the status of a capture")
struct StatusRequestTests {
  @Test("Is answered once, however often it was asked") func once() {
    _ = StatusRequest.take()
    #expect(!StatusRequest.take())
    StatusRequest.request()
    StatusRequest.request()
    #expect(StatusRequest.take())
    #expect(!StatusRequest.take())
  }
}
