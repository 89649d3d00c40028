import CRights
import Glibc
import Testing

@testable import Rights

@Suite("Confinement")
struct ConfinementTests {
  static let protectsFiles = FileAccess.version != nil
  static let filtersCalls = SystemCallFilter(readOnly: nil) != nil

  private static let create = O_WRONLY | O_CREAT

  @Test("Files are written, renamed and removed below the output's folder", .enabled(if: protectsFiles))
  func inside() throws {
    let folder = try Folder()
    let path = folder.path
    let errors = try confined {
      var confinement = Confinement()
      confinement.writable = Confinement.places(of: Array((path + "/out.pcapng").utf8))
      guard confinement.enter().landlock != nil else { return [Int32(-1)] }
      let descriptor = unsafe open(path + "/.temporary", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      defer { close(descriptor) }
      return unsafe [
        error(of: descriptor), error(of: write(descriptor, "some", 4)), error(of: ftruncate(descriptor, 2)),
        error(of: fchmod(descriptor, 0o640)), error(of: rename(path + "/.temporary", path + "/out.pcapng")),
        openingError(path + "/out.pcapng", O_WRONLY | O_TRUNC), openingError(path + "/out.pcapng", O_RDONLY),
        error(of: unlink(path + "/out.pcapng")),
      ]
    }
    #expect(errors.allSatisfy { $0 == 0 }, "\(errors)")
  }

  @Test("The name of a folder need not be UTF-8", .enabled(if: protectsFiles))
  func bytes() throws {
    let parent = try Folder()
    let path = Array(parent.path.utf8) + [UInt8(ascii: "/"), 0xFF, 0xFE]
    let file = path + Array("/out".utf8)
    #expect(unsafe mkdir(path.cString, 0o700) == 0)
    let errors = try confined {
      var confinement = Confinement()
      confinement.writable = Confinement.places(of: file)
      _ = confinement.enter()
      let descriptor = unsafe open(file.cString, Self.create | O_CLOEXEC, 0o600)
      defer { close(descriptor) }
      return [error(of: descriptor), openingError(parent.path + "/other", Self.create)]
    }
    #expect(errors == [0, EACCES])
  }

  @Test("Nothing is written elsewhere, and no links, folders or modes are made", .enabled(if: protectsFiles))
  func outside() throws {
    let (folder, other) = (try Folder(), try Folder())
    let (path, elsewhere) = (folder.path, other.path)
    #expect(openingError(elsewhere + "/there", Self.create) == 0)
    let errors = try confined {
      var confinement = Confinement()
      confinement.writable = Confinement.places(of: Array((path + "/out.pcapng").utf8))
      _ = confinement.enter()
      return unsafe [
        openingError(elsewhere + "/new", Self.create), openingError(elsewhere + "/there", O_WRONLY),
        openingError(elsewhere + "/there", O_RDONLY | O_TRUNC), error(of: truncate(elsewhere + "/there", 0)),
        error(of: unlink(elsewhere + "/there")), error(of: rename(elsewhere + "/there", path + "/here")),
        error(of: link(elsewhere + "/there", path + "/here")), error(of: chmod(elsewhere + "/there", 0o777)),
        error(of: mkdir(elsewhere + "/folder", 0o700)), error(of: symlink("/etc", path + "/link")),
        error(of: mkdir(path + "/folder", 0o700)), error(of: mkfifo(path + "/pipe", 0o600)),
      ]
    }
    #expect(errors.allSatisfy { [EACCES, EPERM, EXDEV].contains($0) }, "\(errors)")
    // The thread has ended, and the process may again.
    #expect(openingError(elsewhere + "/new", Self.create) == 0)
  }

  @Test(
    "Without an output nothing is written anywhere, and with one that is a device only that",
    .enabled(if: protectsFiles))
  func device() throws {
    let folder = try Folder()
    let path = folder.path
    let nothing = try confined {
      _ = Confinement().enter()
      return [openingError(path + "/new", Self.create), openingError("/dev/null", O_WRONLY)]
    }
    #expect(nothing == [EACCES, EACCES])
    let device = try confined {
      var confinement = Confinement()
      confinement.writable = Confinement.places(of: Array("/dev/null".utf8))
      _ = confinement.enter()
      return [openingError("/dev/null", O_WRONLY), openingError("/dev/zero", O_WRONLY)]
    }
    #expect(device == [0, EACCES])
  }

  @Test("Reading can be limited, and is not otherwise", .enabled(if: protectsFiles))
  func reading() throws {
    let (folder, other) = (try Folder(), try Folder())
    let (path, elsewhere) = (folder.path, other.path)
    #expect(openingError(elsewhere + "/there", Self.create) == 0)
    let free = try confined {
      _ = Confinement().enter()
      return openingError(elsewhere + "/there", O_RDONLY)
    }
    #expect(free == 0)
    let limited = try confined {
      var confinement = Confinement()
      confinement.readable = [Array(path.utf8)]
      _ = confinement.enter()
      return [openingError(elsewhere + "/there", O_RDONLY), openingError(path, O_RDONLY | O_DIRECTORY)]
    }
    #expect(limited == [EACCES, 0])
  }

  @Test(
    "There are no new sockets, and those that are open neither connect nor send", .enabled(if: filtersCalls))
  func network() throws {
    let old = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(old) }
    let errors = try confined {
      _ = Confinement().enter()
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(9).bigEndian
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
          let length = socklen_t(MemoryLayout<sockaddr_in>.size)
          return unsafe [
            error(of: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)),
            error(of: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)),
            error(of: socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)), error(of: connect(old, name, length)),
            error(of: bind(old, name, length)), error(of: sendto(old, "x", 1, 0, name, length)),
          ]
        }
      }
    }
    #expect(errors.allSatisfy { $0 == EPERM }, "\(errors)")
    // Also in threads that are started later.
    let later = try confined {
      _ = Confinement().enter()
      return (try? confined { error(of: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) }) ?? 0
    }
    #expect(later == EPERM)
  }

  @Test("The socket of a capture is read and asked, but never written to", .enabled(if: filtersCalls))
  func readOnlySocket() throws {
    var pair: [Int32] = [0, 0]
    #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    let (mine, peer) = (pair[0], pair[1])
    defer { pair.forEach { close($0) } }
    #expect(unsafe write(peer, "abc", 3) == 3)
    let errors = try confined {
      var confinement = Confinement()
      confinement.readOnlySocket = mine
      _ = confinement.enter()
      var (byte, kind, length) = (UInt8(0), Int32(0), socklen_t(4))
      var part = unsafe iovec(iov_base: nil, iov_len: 0)
      return unsafe [
        error(of: read(mine, &byte, 1)), error(of: recv(mine, &byte, 1, 0)),
        error(of: getsockopt(mine, SOL_SOCKET, SO_TYPE, &kind, &length)), error(of: write(peer, "x", 1)),
        error(of: write(mine, "x", 1)), error(of: writev(mine, &part, 1)), error(of: dup(mine)),
        error(of: dup2(mine, 200)), error(of: fcntl(mine, F_DUPFD, 0)), error(of: fcntl(mine, F_GETFL)),
      ]
    }
    #expect(errors == [0, 0, 0, 0, EPERM, EPERM, EPERM, EPERM, EPERM, 0])
  }

  @Test("No program is started, no other process reached, no namespace made", .enabled(if: filtersCalls))
  func otherProcesses() throws {
    let errors = try confined {
      _ = Confinement().enter()
      var character = CChar(0)
      var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
      return unsafe [
        error(of: execve("/bin/true", &arguments, &arguments)), error(of: kill(getppid(), 0)),
        error(of: wstap_call(Int(SYS_unshare), 0x1000_0000)),
        error(of: wstap_call(Int(SYS_clone), 0x1000_0011)),
        error(of: ioctl(0, UInt(TIOCSTI), &character)),
      ]
    }
    #expect(errors.allSatisfy { $0 == EPERM }, "\(errors)")
  }

  @Test(
    "Every call of the list is refused, also by its other number, and others are not",
    .enabled(if: filtersCalls))
  func wholeList() throws {
    let errors = try confined {
      _ = Confinement().enter()
      var errors: [Int: Int32] = [:]
      while case let call = wstap_refused_call(Int32(errors.count)), call >= 0 {
        errors[Int(call)] = error(of: wstap_call(Int(call), -1))
      }
      return errors
    }
    #expect(errors.count > 60)
    for (call, error) in errors { #expect(error == EPERM, "\(call)") }
    let others = try confined {
      _ = Confinement().enter()
      #if arch(x86_64)
      #expect(error(of: wstap_call(0x4000_0000 | Int(SYS_getpid), 0)) == EPERM)
      #endif
      // Neighbours of refused numbers, which fail for reasons of their own, if at all.
      return [
        SYS_getpid, SYS_recvfrom, SYS_getsockopt, SYS_readlinkat, SYS_fchmod, SYS_ftruncate,
        SYS_exit_group + 10_000,
      ].map {
        error(of: wstap_call(Int($0), -1))
      }
    }
    #expect(!others.contains(EPERM), "\(others)")
  }

  @Test(
    "An output's folder is that of its name, and of what the name is a link to",
    arguments: [
      ("out.pcapng", ["."]), ("/out.pcapng", ["/"]), ("a/b/out", ["a/b"]), ("/dev/null", ["/dev/null"]),
    ])
  func places(output: String, folders: [String]) {
    #expect(Confinement.places(of: Array(output.utf8)) == folders.map { Array($0.utf8) })
  }

  @Test("An output that is a link is written where it leads")
  func linked() throws {
    let (folder, other) = (try Folder(), try Folder())
    #expect(openingError(other.path + "/real", Self.create) == 0)
    #expect(unsafe symlink(other.path + "/real", folder.path + "/out") == 0)
    let places = Confinement.places(of: Array((folder.path + "/out").utf8))
    #expect(places == [folder.path, other.path].map { Array($0.utf8) })
  }
}
