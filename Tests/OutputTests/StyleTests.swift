import Testing

@testable import Output

@Suite struct StyleTests {
  @Test(
    "Colour needs a terminal that can and a user who does not object, unless the user asked for it",
    arguments: [
      (.auto, true, nil, "xterm-256color", true), (.auto, false, nil, "xterm-256color", false),
      (.auto, true, "1", "xterm-256color", false), (.auto, true, "", "xterm-256color", true),
      (.auto, true, nil, "dumb", false), (.auto, true, nil, nil, false), (.auto, true, nil, "", false),
      (.always, false, "1", "dumb", true), (.never, true, nil, "xterm-256color", false),
    ] as [(ColorChoice, Bool, String?, String?, Bool)])
  func choice(choice: ColorChoice, isTerminal: Bool, noColor: String?, term: String?, expected: Bool) {
    #expect(Style(choice, isTerminal: isTerminal, noColor: noColor, term: term).enabled == expected)
  }

  @Test func withoutColourNotOneByteIsAdded() {
    for role in Style.Role.allCases {
      #expect(written { Style(enabled: false).write("text", as: role, to: &$0) } == "text")
      let coloured = written { Style(enabled: true).write("text", as: role, to: &$0) }
      #expect(coloured.hasPrefix("\u{1B}[") && coloured.hasSuffix("mtext\u{1B}[0m"))
    }
  }
}
