/// What became of the bytes that a stage was given.
enum StageStep {
  /// The stage took all of them.
  case taken
  /// The stage took this many and has ended; the rest belongs to the stage that the connection has now.
  case handOver(after: Int)
}
