import CaptureInput
import Testing

@Suite("Capturing an interface")
struct LiveCaptureTests {
  @Test("An interface that does not exist is an error that says what to do")
  func noInterface() throws {
    let error = #expect(throws: CaptureError.self) { try LiveCapture(LiveOptions(interface: "nosuch0")) }
    let words = try #require(error?.description)
    // Without the right to capture that is said instead.
    #expect(words.contains("wstap interfaces") || words.contains("setcap"), "\(words)")
  }
}
