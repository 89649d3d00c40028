import CaptureInput
import TestSupport
import Testing

@Suite("Filters")
struct PacketFilterTests {
  private static let toServer = ip(from: "10.0.0.1", to: "10.0.0.2", tcp: tcp(to: 8080))
  private static let toOther = ip(from: "10.0.0.1", to: "10.0.0.3", tcp: tcp(to: 81))

  @Test("Let packets of each link type pass by its own rules, numbered as in the file")
  func linkTypes() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var file = PcapngBuilder()
    file.section()
    for linkType: UInt16 in [1, 101, 113, 276] { file.interface(linkType: linkType) }
    for packet in [Self.toOther, Self.toServer] {
      file.packet(ethernet(packet), interface: 0, units: 1)
      file.packet(packet, interface: 1, units: 1)
      file.packet(linuxCooked(packet), interface: 2, units: 1)
      file.packet(linuxCooked2(packet), interface: 3, units: 1)
    }
    let path = try folder.write("x.pcapng", file.file)
    #expect(try numbers(path, "tcp port 8080 and host 10.0.0.2").numbers == [5, 6, 7, 8])
    #expect(try numbers(path, "host 10.0.0.3").numbers == [1, 2, 3, 4])
    #expect(try numbers(path, "").numbers == Array(1...8))
  }

  @Test("Are applied after merging: numbers are those of all packets")
  func merged() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let paths = try [Self.toOther, Self.toServer].enumerated().map { number, packet in
      var file = CaptureBuilder(linkType: 101)
      for _ in 0..<3 { file.packet(packet) }
      return try folder.write("\(number)", file.file)
    }
    var selection = CaptureSelection(paths: paths)
    selection.filter = "port 8080"
    var reader = try CaptureReader(selection)
    var numbers: [UInt64] = []
    while reader.advance() { numbers.append(reader.record.number) }
    #expect(numbers == [4, 5, 6])
  }

  @Test(
    "That do not compile are refused in libpcap's words",
    arguments: ["tcp prot 80", "host", "port 99999", "("])
  func refused(expression: String) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let path = try folder.write("x.pcap", CaptureBuilder().file)
    let error = #expect(throws: CaptureError.self) { try numbers(path, expression) }
    #expect(error?.description.hasPrefix("the filter '\(expression)' cannot be used: ") == true)
  }

  @Test("Packets of a link type that a filter has no meaning for are left out, and that is said")
  func noMeaning() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var file = PcapngBuilder()
    file.section()
    file.interface(linkType: 1)
    file.interface(linkType: 101)
    file.packet(ethernet(Self.toServer), interface: 0, units: 1)
    file.packet(Self.toServer, interface: 1, units: 1)
    let path = try folder.write("x.pcapng", file.file)
    let result = try numbers(path, "ether src 02:00:00:00:00:01")
    #expect(result.numbers == [1])
    #expect(result.damage.count == 1)
    #expect(result.damage.first?.contains("link type 101") == true, "\(result.damage)")
  }

  private func numbers(_ path: String, _ filter: String) throws -> (numbers: [UInt64], damage: [String]) {
    var selection = CaptureSelection(paths: [path])
    selection.filter = filter
    var reader = try CaptureReader(selection)
    var numbers: [UInt64] = []
    while reader.advance() { numbers.append(reader.record.number) }
    return (numbers, reader.finish().damage)
  }
}
