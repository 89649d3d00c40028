import FuzzTargets

typealias ArgumentVector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// libFuzzer's loop as a function; it calls `callback` with one input after the other.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argc: UnsafeMutablePointer<Int32>, _ argv: UnsafeMutablePointer<ArgumentVector?>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

enum Fuzzer {
  /// libFuzzer's callback takes no context. Set once, before the loop.
  nonisolated(unsafe) private static var target: FuzzTarget?

  /// Runs until a limit among the arguments is reached, or an input breaks the target: that traps, which is
  /// what libFuzzer looks for.
  static func run(_ target: FuzzTarget, _ argc: Int32, _ argv: ArgumentVector) -> Int32 {
    unsafe Self.target = target
    // The target's name stands where libFuzzer expects the program's.
    var count = argc - 1
    var arguments: ArgumentVector? = unsafe argv + 1
    return unsafe runDriver(&count, &arguments) { bytes, count in
      do {
        try unsafe Fuzzer.target?.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
      } catch {
        fatalError("\(error)")
      }
      return 0
    }
  }
}
