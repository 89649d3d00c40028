import CommandLineSupport
import Glibc

/// Reads a text file line by line through a buffer: a JSON output is larger than this process may get.
func forEachLine(of path: String, _ body: (ArraySlice<UInt8>) -> Void) {
  let descriptor = unsafe open(path, O_RDONLY)
  if descriptor < 0 { fail("\(path): \(systemError())") }
  defer { close(descriptor) }

  var chunk = [UInt8](repeating: 0, count: 1 << 18)
  var unfinished: [UInt8] = []
  while true {
    let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    if count < 0 { fail("\(path): \(systemError())") }
    if count == 0 { break }
    var rest = chunk[..<count]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if unfinished.isEmpty {
        body(rest[..<end])
      } else {
        unfinished += rest[..<end]
        body(unfinished[...])
        unfinished.removeAll(keepingCapacity: true)
      }
      rest = rest[(end + 1)...]
    }
    unfinished += rest
  }
  if !unfinished.isEmpty { body(unfinished[...]) }
}

/// The length of a file; nil when there is none.
func fileSize(_ path: String) -> Int? {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
}

func removeFile(_ path: String) { unsafe unlink(path) }

func renameFile(_ path: String, _ newPath: String) {
  if unsafe rename(path, newPath) != 0 { fail("\(path): \(systemError())") }
}

func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

/// The folder of this program, where SwiftPM puts the package's other programs too.
func folderOfThisProgram() -> String {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
  let path = buffer[..<max(count, 0)].map { UInt8(bitPattern: $0) }
  let folder = path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
  return String(decoding: folder, as: UTF8.self)
}
