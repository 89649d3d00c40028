/// Keeps the memory of large payloads for later ones, because new memory costs a page fault for every page.
///
/// It holds at most `mostBytes`, however much it is given.
@safe public struct PayloadPool: ~Copyable {
  private let buffers: UnsafeMutablePointer<PayloadBuffer>
  private var count = 0
  /// How many bytes its buffers have memory for.
  public private(set) var bytes = 0
  private let mostBytes: Int

  private static let mostBuffers = 64
  /// Smaller buffers are allocated quickly enough without a pool.
  private static let shortest = 4096

  /// An empty pool.
  public init(mostBytes: Int) {
    self.mostBytes = mostBytes
    unsafe buffers = .allocate(capacity: Self.mostBuffers)
  }

  deinit {
    unsafe buffers.deinitialize(count: count)
    unsafe buffers.deallocate()
  }

  /// Makes room in a buffer for `added` more bytes, when `expected` bytes were announced in all; 0 when unknown.
  public mutating func reserve(_ added: Int, expecting expected: Int, in buffer: inout PayloadBuffer) {
    let needed = buffer.count + added
    guard needed > buffer.capacity else { return }
    let likely = max(needed, expected)
    if likely >= Self.shortest, count > 0, buffer.count < Self.shortest {
      var other = takeOut(near: likely)
      other.append(buffer.bytes)
      swap(&other, &buffer)
      take(&other)
    }
    buffer.reserve(added, expecting: expected)
  }

  /// Takes out a buffer that fits, or else the one that was added last. The pool must not be empty.
  private mutating func takeOut(near expected: Int) -> PayloadBuffer {
    var chosen = count &- 1
    for index in (0..<count).reversed() {
      let capacity = unsafe buffers[index].capacity
      if capacity >= expected && capacity / 2 <= expected {
        chosen = index
        break
      }
    }
    count &-= 1
    if chosen != count { unsafe swap(&buffers[chosen], &buffers[count]) }
    bytes &-= unsafe buffers[count].capacity
    return unsafe (buffers + count).move()
  }

  /// Takes the memory of a buffer, which is empty afterwards.
  public mutating func take(_ buffer: inout PayloadBuffer) {
    let capacity = buffer.capacity
    guard capacity >= Self.shortest, count < Self.mostBuffers, capacity <= mostBytes &- bytes else {
      return buffer.clear()
    }
    buffer.clear(keeping: capacity)
    var taken = PayloadBuffer()
    swap(&taken, &buffer)
    unsafe (buffers + count).initialize(to: taken)
    count &+= 1
    bytes &+= capacity
  }
}
