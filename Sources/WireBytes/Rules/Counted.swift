/// A number of things in a sentence.
public enum Counted {
  /// `1 byte`, `2 bytes`. The plural adds an s unless it is given.
  public static func text(_ number: some BinaryInteger, _ singular: String, _ plural: String? = nil) -> String
  {
    "\(number) " + (number == 1 ? singular : plural ?? singular + "s")
  }
}
