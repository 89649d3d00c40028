/// The next thing to show: bytes of the payload, and how they appear.
struct TerminalPiece {
  enum Form {
    case itself
    case letter(UInt8)
    case byte(UInt8)
    case codePoint(UInt32)
  }
  let form: Form
  let length: Int
  let columns: Int
  var isCut = false
}

/// How many hexadecimal digits a code point takes.
func hexLength(of scalar: UInt32) -> Int {
  max(1, (32 - scalar.leadingZeroBitCount + 3) / 4)
}
