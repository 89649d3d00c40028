import ArgumentParser
import Output
import WireBytes

/// Turns arguments into a plan, and the result into an exit status; the analysis is elsewhere.
@main
struct Wstap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wstap",
    abstract: "Show the WebSocket conversations in a packet capture.",
    usage: """
      wstap [<options>] <file> ...
      wstap live -i <interface> [<options>]
      wstap interfaces
      wstap export --to <format> [<options>] <file> ...
      """,
    discussion: """
      wstap reads a capture, reassembles TCP, verifies each WebSocket handshake, and prints what both sides
      said: whole messages, unmasked and inflated, with packet numbers and everything that was wrong.

        wstap capture.pcap              the conversations, one line per event
        wstap -q capture.pcap           totals only
        wstap --json capture.pcap       one JSON object per event
        wstap export --to json capture.pcap   one JSON document
        wstap rules                     the rules that are checked
        tcpdump -w - | wstap -          standard input
        wstap ring.pcap*                several files, as one capture in time order
        wstap --follow-file now.pcap    a file that is still being written
        sudo wstap live -i any          an interface, while it happens

      Exit status: 0 success; 1 the capture ended early or was damaged (what could be read is shown);
      2 the arguments or the capture cannot be used.
      """,
    version: "wstap 0.1.0",
    subcommands: [Show.self, Live.self, Interfaces.self, Export.self, Rules.self],
    defaultSubcommand: Show.self)

  /// Like ArgumentParser's, but with exit status 2 for wrong arguments, as in comparable tools.
  static func main() {
    StandardDescriptors.occupy()
    OutputBuffer.ignoreBrokenPipes()
    MemoryBudget.adaptToAddressSpace()
    // The runtime reads the arguments from /proc when they are first asked for, and has no answer where that fails.
    _ = CommandLine.argc
    OutOfMemory.prepare()
    do {
      var command = try parseAsRoot(CommandLine.texts)
      try command.run()
    } catch {
      let code = exitCode(for: error)
      // Help, the version or a completion script: that it cannot be written is an error.
      if code == .success {
        do { try StandardOutput.print(fullMessage(for: error)) } catch { exit(withError: error) }
        exit(withError: ExitCode.success)
      }
      if code.rawValue <= 2 && !(error is ValidationError) && code != .validationFailure {
        exit(withError: error)
      }
      let (message, whole) = (message(for: error), fullMessage(for: error))
      // The message may quote arguments, which may contain line ends.
      let help = whole.firstRange(of: message).map { String(whole[$0.upperBound...]) } ?? ""
      StandardError.print(message, help: help)
      exit(withError: ExitCode(2))
    }
  }
}
