import Foundation
import Testing

/// Names of files that are not UTF-8: they are read and written like others, and shown with `\xe9` for such a byte.
@Suite("Names that are not text")
struct PathBytesTests {
  private static let chat = Story(name: "chat").capture

  /// Runs lines of shell in a new folder with captures `caf\xe9.pcap` and `ok.pcap`; the first one's name is `$odd`, the tool `$w`.
  private func shell(_ lines: String) throws -> Tool.Outcome {
    try Tool.shell(
      """
      capture=$(realpath "$1"); d=$(mktemp -d); cd "$d"; odd=$(printf 'caf\\351.pcap'); w=$wstap
      cp "$capture" "$odd"; cp "$capture" ok.pcap
      packets() { tail -n 1 | grep -o '"packets":[0-9]*' | head -n 1; }
      \(lines)
      rm -r "$d"
      """, [Self.chat])
  }

  private static let packets: Int = (try? Story(name: "chat").events().last?.int("packets")) ?? -1

  @Test(
    "Are read, whether they are named, listed in a directory, or matched by a pattern",
    arguments: [
      ("\"$odd\"", 1), (".", 2), ("./", 2), ("\"$d\"", 2), ("'*.pcap'", 2), ("'caf?.pcap'", 1),
      ("'caf*' ok.pcap", 2), ("-r \"$odd\"", 1), ("\"$odd\" \"./$odd\" .", 2),
      ("\"$(printf 'caf[\\351e].pcap')\"", 1),
    ])
  func read(arguments: String, captures: Int) throws {
    let outcome = try shell("\"$w\" --json \(arguments) | packets")
    #expect(outcome.errors == "")
    #expect(outcome.text == "\"packets\":\(captures * Self.packets)\n")
  }

  @Test("Are read in a directory of such a name, and no two are taken for one") func directory() throws {
    let outcome = try shell(
      """
      sub=$(printf 'd\\377'); mkdir "$sub"; cp "$odd" "$sub/"; cp "$odd" "$sub/$(printf 'caf\\352.pcap')"
      cp "$odd" "$sub/caf\u{FFFD}.pcap"; cp "$odd" "$sub/caf\\xe9.pcap"
      "$w" --json "$sub" | packets; "$w" --json "$(printf 'd?/caf[\\351\\352].pcap')" | packets
      """)
    #expect(outcome.lines == ["\"packets\":\(4 * Self.packets)", "\"packets\":\(2 * Self.packets)"])
  }

  @Test("Are waited for at their end") func followed() async throws {
    let outcome = try await Tool.waitingShell(
      """
      d=$(mktemp -d); odd=$d/$(printf 'caf\\351.pcap'); head -c 300 "$1" > "$odd"
      "$wstap" --json --follow-file "$odd" & sleep 0.4; tail -c +301 "$1" >> "$odd"; sleep 0.6; kill -INT $!; wait $!
      rm -r "$d"
      """, [Self.chat])
    #expect(try outcome.events().last?.int("packets") == Self.packets, "\(outcome.errors)")
  }

  @Test("Are shown escaped: in errors, among other inputs, and where the parser quotes them") func shown()
    throws
  {
    let outcome = try shell(
      """
      "$w" -q "no$odd"; : > "$odd"; "$w" -q "$odd"; cp "$capture" "$odd"; head -c 200 "$capture" > "$odd.cut"
      "$w" -q "$odd.cut" > /dev/null; "$w" "--$odd" ok.pcap; "$w" live -i lo -Z "$odd" -w "$odd/x" --keylog "$odd/y"
      "$w" --max-connections "$odd" ok.pcap; "$w" "$(printf 'a\\nb\\351')"
      """)
    let errors = outcome.errors
    for words in [
      "wstap: cannot open nocaf\\xe9.pcap: ", "wstap: caf\\xe9.pcap is empty: ",
      "wstap: caf\\xe9.pcap.cut is cut ",
      "'--caf\\xe9.pcap'", "'caf\\xe9.pcap' is invalid", "cannot open a\\nb\\xe9: ",
    ] {
      #expect(errors.contains(words), "\(words) is not in \(errors)")
    }
    #expect(errors.unicodeScalars.allSatisfy { $0.value < 0x10FF00 && $0 != "\u{FFFD}" }, "\(errors)")
    let text = try shell("\"$w\" \"$odd\" ok.pcap")
    #expect(text.text.contains("── caf\\xe9.pcap, from its packet 1"), "\(text.text)")
  }

  @Test("Are in JSON as they are shown, and exactly") func json() throws {
    let events = try shell("\"$w\" --json \"$odd\" ok.pcap").lines.map { try Event(line: $0) }
    let file = try #require(events.first { $0.name == "file" && $0.string("file") != "ok.pcap" })
    #expect(file.string("file") == "caf\\xe9.pcap")
    #expect(
      Data(base64Encoded: file.string("file_base64") ?? "") == Data([0x63, 0x61, 0x66, 0xE9] + ".pcap".utf8))
    let document = try Event(line: shell("\"$w\" export --to json \"$odd\" ok.pcap").text)
    for end in [events.last, document.object("capture")] {
      let inputs = try #require(end?.objects("inputs"))
      let odd = try #require(inputs.first { $0.string("file") == "caf\\xe9.pcap" })
      #expect(odd.string("file_base64") == file.string("file_base64"))
      #expect(inputs.contains { $0.string("file") == "ok.pcap" && $0.string("file_base64") == nil })
    }
  }

  @Test("Are written, and nothing is left beside them") func written() throws {
    let outcome = try shell(
      """
      out=$(printf 'out\\376.json'); "$w" export --to json -o "$out" "$odd"; head -c 1 "$out"; echo
      "$w" export --to json -o "$odd" "./$odd"; echo $?; cmp "$capture" "$odd" && echo same
      ln -s "$out" link; "$w" export --to json -o link ok.pcap; readlink link | cmp -s - - ; head -c 1 "$out"; echo
      LC_ALL=C ls -A | LC_ALL=C od -An -c | tr -d ' \\n'
      """)
    #expect(
      outcome.text == "{\n2\nsame\n{\ncaf351.pcap\\nlink\\nok.pcap\\nout376.json\\n", "\(outcome.errors)")
  }
}
