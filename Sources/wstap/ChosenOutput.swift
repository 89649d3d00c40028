import Output

/// Where the events of a run go.
struct ChosenOutput {
  let sink: any WritingSink
  /// Whether nothing is printed before the end, so that a terminal is free for the progress line.
  var isSilent = false
}
