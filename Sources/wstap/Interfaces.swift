import ArgumentParser
import CaptureInput
import Output

/// Lists the interfaces that `live -i` accepts.
struct Interfaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interfaces",
    abstract: "List the interfaces that can be captured, with their state and addresses."
  )

  func run() throws {
    let interfaces: [LiveInterface]
    do {
      interfaces = try LiveInterface.all()
    } catch {
      StandardError.print(error.description)
      throw ExitCode(2)
    }
    var out = OutputBuffer(descriptor: StandardOutput.descriptor)
    let width = interfaces.map(\.name.count).max() ?? 0
    for interface in interfaces {
      TerminalText.write(interface.name, to: &out)
      out.append(utf8: String(repeating: " ", count: width - interface.name.count + 2))
      out.append(utf8: interface.state.joined(separator: ", "))
      if !interface.addresses.isEmpty {
        out.append(utf8: "   " + interface.addresses.joined(separator: ", "))
      }
      if let description = interface.description {
        out.append("   ")
        TerminalText.write(description, to: &out)
      }
      out.append("\n")
    }
    try out.finish()
    if interfaces.isEmpty {
      StandardError.print("no interface can be captured; run it with sudo to see those that need privileges")
    }
  }
}
