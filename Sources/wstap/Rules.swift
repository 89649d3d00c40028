import ArgumentParser
import Output

/// The table of rules.
struct Rules: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every rule that is checked, with its severity and the section that states it.")

  @Flag(name: .long, help: "Print the tables as Markdown, as in docs/rules.md.")
  var markdown = false

  func run() throws {
    var out = OutputBuffer(descriptor: StandardOutput.descriptor)
    out.append(utf8: markdown ? RuleCatalog.markdown : RuleCatalog.text)
    try out.finish()
  }
}
