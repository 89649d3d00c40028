import CAllocator

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension MemoryBudget {
  /// What may wait unless somebody says otherwise, in bytes: 1 GiB; 256 MiB where the machine has less than 2 GiB; never more than half
  /// of what the process may have by its control group, nor a quarter of what `ulimit -v` leaves: buffers that grow are in memory twice.
  public static let defaultLimit: Int = {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) &* sysconf(Int32(_SC_PAGESIZE))
    let usual = machine > 0 && machine < 2 << 30 ? 256 << 20 : 1 << 30
    return max(
      min(usual, controlGroupLimit.map { $0 / 2 } ?? usual, addressSpaceLimit.map { $0 / 4 } ?? usual),
      1 << 20)
  }()

  /// Lets allocators take no more address space than they use, where that is limited: glibc reserves 64 MiB for each thread.
  public static func adaptToAddressSpace() {
    if addressSpaceLimit != nil { wstap_share_one_arena() }
  }

  /// What threads and batches need, in bytes.
  private static let reserve = 64 << 20

  /// What to set aside for an orderly end, in bytes: an eighth of the address space that is left; nil where it is not limited.
  public static var endReserve: Int? {
    addressSpaceLimit(without: 0).map { min(max($0 / 8, 1 << 20), 64 << 20) }
  }

  /// RLIMIT_AS without what is mapped by now and what threads will need (`reserve`), in bytes; nil where there is no limit.
  private static var addressSpaceLimit: Int? { addressSpaceLimit(without: reserve) }

  private static func addressSpaceLimit(without reserve: Int) -> Int? {
    var limit = rlimit()
    guard unsafe getrlimit(addressSpace, &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else { return nil }
    let pages = read("/proc/self/statm").flatMap { Int($0.prefix { $0 != " " }) } ?? 0
    return max(0, Int(limit.rlim_cur) &- pages &* sysconf(Int32(_SC_PAGESIZE)) &- reserve)
  }

  #if canImport(Glibc)
  private static var addressSpace: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_AS.rawValue) }
  #else
  private static var addressSpace: Int32 { RLIMIT_AS }
  #endif

  /// The memory limit of the control group (cgroup v2 or v1), in bytes; nil if it has none.
  private static var controlGroupLimit: Int? {
    let own = read("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
    let paths =
      (own.map { ["/sys/fs/cgroup" + $0 + "/memory.max"] } ?? [])
      + ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    // Not lazily: each file would be read twice, and what cannot be read the second time would be a trap.
    for path in paths {
      if let limit = read(path).flatMap({ Int($0.prefix { $0.isNumber }) }) { return limit }
    }
    return nil
  }

  /// The first 4 KiB of a small file; nil if it cannot be read.
  private static func read(_ path: String) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
