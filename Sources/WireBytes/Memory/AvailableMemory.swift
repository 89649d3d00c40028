#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension MemoryBudget {
  /// What may wait unless somebody says otherwise, in bytes: 1 GiB; 256 MiB where the machine has less than 2 GiB; and never more than
  /// half of what the process may have by its control group and by `ulimit -v`.
  public static let defaultLimit: Int = {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) &* sysconf(Int32(_SC_PAGESIZE))
    let usual = machine > 0 && machine < 2 << 30 ? 256 << 20 : 1 << 30
    let limit = [controlGroupLimit, addressSpaceLimit].compactMap { $0 }.reduce(usual) { min($0, $1 / 2) }
    return max(limit, 1 << 20)
  }()

  /// RLIMIT_AS without what is mapped by now, in bytes; nil where there is no limit.
  private static var addressSpaceLimit: Int? {
    var limit = rlimit()
    guard unsafe getrlimit(addressSpace, &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else { return nil }
    let pages = read("/proc/self/statm").flatMap { Int($0.prefix { $0 != " " }) } ?? 0
    return max(0, Int(limit.rlim_cur) &- pages &* sysconf(Int32(_SC_PAGESIZE)))
  }

  #if canImport(Glibc)
  private static var addressSpace: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_AS.rawValue) }
  #else
  private static var addressSpace: Int32 { RLIMIT_AS }
  #endif

  /// The limit of the control group (cgroup v2, or v1), in bytes; nil where there is none.
  private static var controlGroupLimit: Int? {
    let own = read("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
    let paths =
      (own.map { ["/sys/fs/cgroup" + $0 + "/memory.max"] } ?? [])
      + ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return paths.lazy.compactMap { read($0) }.compactMap { Int($0.prefix { $0.isNumber }) }.first
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
