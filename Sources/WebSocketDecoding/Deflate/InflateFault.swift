/// Why bytes are not a DEFLATE stream, in zlib's words.
enum InflateFault: String {
  case blockType = "invalid block type"
  case storedLengths = "invalid stored block lengths"
  case tooManySymbols = "too many length or distance symbols"
  case codeLengths = "invalid code lengths set"
  case repetition = "invalid bit length repeat"
  case noEndOfBlock = "invalid code -- missing end-of-block"
  case literals = "invalid literal/lengths set"
  case distances = "invalid distances set"
  case literalCode = "invalid literal/length code"
  case distanceCode = "invalid distance code"
  case tooFarBack = "invalid distance too far back"
}
