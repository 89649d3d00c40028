/// How a terminal shows one code point.
enum CharacterWidth: UInt32 {
  /// One column.
  case narrow = 0
  /// Two columns: East Asian Width W or F, and regional indicators (a pair is a flag, or two wide letters).
  case wide = 1
  /// None: it joins the character before it (categories Mn and Me, variation selectors 15 and 16).
  case mark = 2
  /// It is not sent to a terminal: controls, format characters (bidirectional, zero-width, tags), line and
  /// paragraph separators, what is private or unassigned, and letters that show nothing.
  case hidden = 3
}
