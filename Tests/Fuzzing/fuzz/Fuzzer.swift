import FuzzTargets
import Glibc

typealias ArgumentVector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// libFuzzer's loop as a function; it calls `callback` with one input after the other.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argc: UnsafeMutablePointer<Int32>, _ argv: UnsafeMutablePointer<ArgumentVector?>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// libFuzzer's own way to change bytes in a buffer; returns how many there are then.
@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int, _ most: Int) -> Int

/// Called by libFuzzer, by its name, to change an input. Captures are changed as captures mostly, everything else as bytes.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
  _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int, _ most: Int, _ seed: UInt32
) -> Int {
  guard let bytes = unsafe bytes, unsafe Fuzzer.changesCaptures, seed % 4 != 0 else {
    return unsafe mutate(bytes, count, most)
  }
  let file = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  guard var mutator = CaptureMutator(file, seed: UInt64(seed)) else {
    return unsafe mutate(bytes, count, most)
  }
  let changed = mutator.mutated(changes: 1 + Int(seed >> 8) % 4) { part in
    let room = max(64, part.count + part.count / 2)
    return unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, used in
      _ = unsafe buffer.initialize(from: part)
      unsafe used = mutate(buffer.baseAddress, part.count, room)
    }
  }
  guard !changed.isEmpty, changed.count <= most else { return unsafe mutate(bytes, count, most) }
  unsafe bytes.update(from: changed, count: changed.count)
  return changed.count
}

enum Fuzzer {
  /// Whether inputs of the target are captures.
  nonisolated(unsafe) fileprivate static var changesCaptures = false

  /// libFuzzer's callback takes no context. Set once, before the loop.
  nonisolated(unsafe) private static var target: FuzzTarget?

  /// Runs until a limit among the arguments is reached, or an input breaks the target: that traps, which is
  /// what libFuzzer looks for.
  static func run(_ target: FuzzTarget, _ words: [String]) -> Int32 {
    unsafe Self.target = target
    unsafe changesCaptures = target.name == "capture"
    // Never freed: libFuzzer keeps them.
    var arguments: ArgumentVector? = .allocate(capacity: words.count + 1)
    for (index, word) in words.enumerated() { unsafe arguments?[index] = strdup(word) }
    unsafe arguments?[words.count] = nil
    var count = Int32(words.count)
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
