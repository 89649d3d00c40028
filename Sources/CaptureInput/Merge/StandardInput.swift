import Files

extension FilePath {
  /// Whether it is `-`.
  var isStandardInput: Bool { bytes == [UInt8(ascii: "-")] }
}

extension FileIdentity {
  /// The file that is read as an input of this name; nil when there is none.
  init?(input path: FilePath) {
    if path.isStandardInput { self.init(descriptor: 0) } else { self.init(path) }
  }
}
