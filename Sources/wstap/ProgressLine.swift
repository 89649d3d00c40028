import CaptureInput
import Glibc
import Output

/// The progress of a long run in one line on standard error: bytes, percent, rate, time left.
///
/// It is shown only where it disturbs nothing: on a terminal, while the output itself goes elsewhere, and only after one
/// second.
struct ProgressLine {
  private let isShown: Bool
  private let start = Self.now
  private var lastShown = Self.now
  private var hasLine = false

  /// Seconds between two updates, and before the first one.
  private static let pause = 0.2
  private static let patience = 1.0

  /// `isSilent`: nothing is printed before the end, so the line may be shown even if the output is a terminal.
  init(isSilent: Bool) {
    isShown = isatty(2) == 1 && (isSilent || isatty(StandardOutput.descriptor) == 0)
  }

  private static var now: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Updates the line, if it is time to.
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

  /// Removes the line, so that it does not mix with what is printed next.
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
