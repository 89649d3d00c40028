/// Why a source gives no more bytes although it has not ended.
package struct InputFailure: Error {
  /// What happened, for the middle of a sentence.
  package let what: String
  /// Whether bytes seem to be missing at the end, as opposed to being wrong.
  package let isCut: Bool

  package init(_ what: String, isCut: Bool = false) {
    self.what = what
    self.isCut = isCut
  }
}
