/// Durations in words where a sentence needs them exact: a timeout of 350 s is not "5 min 50 s".
package enum DurationText {
  /// `60.0 s`
  package static func seconds(_ nanoseconds: Int64) -> String {
    let tenths = (max(0, nanoseconds) &+ 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10) s"
  }

  /// `60.0 s`, and below a second `3.1 ms`.
  package static func precise(_ nanoseconds: Int64) -> String {
    if nanoseconds >= 1_000_000_000 { return seconds(nanoseconds) }
    let tenths = (max(0, nanoseconds) &+ 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
