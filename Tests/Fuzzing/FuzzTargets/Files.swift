import Glibc

/// Why a file cannot be read or written.
package struct FileError: Error, CustomStringConvertible {
  package let description: String

  init(_ path: String) { description = "\(path): \(unsafe String(cString: strerror(errno)))" }
}

/// The bytes of a file.
package func contents(ofFile path: String) throws -> [UInt8] {
  guard let file = unsafe fopen(path, "rb") else { throw FileError(path) }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  while true {
    let block = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      unsafe count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
    if block.isEmpty { return bytes }
    bytes += block
  }
}

/// Writes a file, in a folder that is made for it.
package func write(_ bytes: [UInt8], toFile name: String, inFolder folder: String) throws {
  unsafe mkdir(folder, 0o777)
  let path = "\(folder)/\(name)"
  guard let file = unsafe fopen(path, "wb") else { throw FileError(path) }
  defer { unsafe fclose(file) }
  let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
  guard written == bytes.count else { throw FileError(path) }
}

/// The names in a folder, sorted; none when there is no such folder.
package func names(inFolder path: String) -> [String] {
  guard let folder = unsafe opendir(path) else { return [] }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  while let entry = unsafe readdir(folder) {
    let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}
