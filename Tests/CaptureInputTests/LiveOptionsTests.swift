import CaptureInput
import Testing

@Suite("How an interface is captured")
struct LiveOptionsTests {
  @Test("The defaults are those of the documentation") func defaults() {
    let options = LiveOptions(interface: "eth0")
    #expect(options.interface == "eth0")
    #expect(options.isPromiscuous)
    #expect(options.snapLength == 262_144)
    #expect(options.bufferBytes == 64 << 20)
    #expect(!options.isImmediate)
    #expect(options.filter == nil)
    #expect(options.packets == nil)
    #expect(options.seconds == nil)
    #expect(!options.readsKeys)
  }
}
