import CaptureInput
import Glibc
import Output

/// How far a long reading is, in one line on standard error: bytes, percent, rate, time left.
///
/// Shown only where it disturbs nothing: on a terminal, while the report itself goes elsewhere, and not before a
/// second has gone by.
struct ProgressLine {
  private let isShown: Bool
  private let start = Self.now
  private var lastShown = Self.now
  private var hasLine = false

  /// Seconds between two pictures, and before the first one.
  private static let pause = 0.2
  private static let patience = 1.0

  /// `isSilent`: the report says nothing before the end, so a terminal is free for the line.
  init(isSilent: Bool) {
    isShown = isatty(2) == 1 && (isSilent || isatty(StandardOutput.descriptor) == 0)
  }

  private static var now: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Shows how far it is, if it is time to.
  mutating func show(_ progress: InputProgress) {
    guard isShown else { return }
    let now = Self.now
    guard now - start >= Self.patience, now - lastShown >= Self.pause else { return }
    lastShown = now
    hasLine = true
    var out = OutputBuffer(descriptor: 2)
    out.append("\r\u{1B}[K")
    out.append(utf8: Self.line(progress, seconds: now - start))
    out.flush()
  }

  /// Takes the line away, so that what is printed next stands alone.
  mutating func clear() {
    guard hasLine else { return }
    hasLine = false
    var out = OutputBuffer(descriptor: 2)
    out.append("\r\u{1B}[K")
    out.flush()
  }

  /// `412 of 1001 MB, 41 %, 380 MB/s, 2 s left`
  static func line(_ progress: InputProgress, seconds: Double) -> String {
    let (done, all) = (Double(progress.bytesRead), Double(max(progress.bytes, progress.bytesRead)))
    let rate = done / max(seconds, 0.001)
    let percent = all > 0 ? Int(done / all * 100) : 100
    let left = rate > 0 ? Int((all - done) / rate + 0.5) : 0
    return "\(megabytes(done)) of \(megabytes(all)) MB, \(percent) %, \(megabytes(rate)) MB/s, \(left) s left"
  }

  private static func megabytes(_ bytes: Double) -> Int { Int(min(bytes, 1e18) / 1e6) }
}
