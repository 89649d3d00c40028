import ArgumentParser
import Output

/// Arguments → a run plan → an exit code; no analysis here.
@main
struct Wstap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wstap",
    abstract: "Shows the WebSocket conversations in a packet capture.",
    usage: """
      wstap [<options>] <file> ...
      wstap live -i <interface> [<options>]
      wstap interfaces
      wstap export --to <format> [<options>] <file> ...
      """,
    discussion: """
      wstap reads a capture, reassembles TCP, verifies each WebSocket handshake, and prints what both sides
      said: unmasked, inflated, whole, with packet numbers and what was wrong.

        wstap capture.pcap              the conversations, one line an event
        wstap -q capture.pcap           the totals
        wstap --json capture.pcap       one JSON object an event
        wstap export --to json capture.pcap   one JSON document
        wstap rules                     what is checked
        tcpdump -w - | wstap -          from standard input
        wstap ring.pcap*                several files, as one in the order of time
        wstap --follow-file now.pcap    a file that is still being written
        sudo wstap live -i any          an interface, as it happens

      Exit status: 0 done; 1 the capture ended early or was damaged (what could be read is shown);
      2 the arguments or the capture cannot be used.
      """,
    version: "wstap 0.1.0",
    subcommands: [Show.self, Live.self, Interfaces.self, Export.self, Rules.self],
    defaultSubcommand: Show.self)

  /// As ArgumentParser's, but with the exit status 2 that the tools of this field use for wrong arguments.
  static func main() {
    StandardDescriptors.occupy()
    OutputBuffer.ignoreBrokenPipes()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      if code == .success || code.rawValue <= 2 && !(error is ValidationError) && code != .validationFailure {
        exit(withError: error)
      }
      let message = fullMessage(for: error)
      Run.complain(message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
      exit(withError: ExitCode(2))
    }
  }
}
