import CommandLineSupport
import Glibc

/// One command from start to end, as the kernel accounts for it.
struct ProcessRun {
  let wallSeconds: Double
  let cpuSeconds: Double
  let peakBytes: Int
}

/// Runs a command and waits for it; a failing one ends the benchmark, because its time means nothing.
///
/// The kernel lets a child inherit the peak of the process that spawned it, so this one stays small: it
/// never holds a capture or an output in memory.
func run(_ command: [String], output: String = "/dev/null") -> ProcessRun {
  let errors = output == "/dev/null" ? "/tmp/wstap-benchmark-\(getpid()).stderr" : output + ".stderr"
  defer { removeFile(errors) }

  let start = monotonicSeconds()
  let child = spawn(command, output: output, errors: errors)
  var status: Int32 = 0
  var usage = rusage()
  while unsafe wait4(child, &status, 0, &usage) < 0 {
    if errno != EINTR { fail("wait4: \(systemError())") }
  }
  let wall = monotonicSeconds() - start

  if status != 0 {
    let reason = status & 0x7F == 0 ? "exit status \(status >> 8 & 0xFF)" : "signal \(status & 0x7F)"
    fail("\(command.joined(separator: " ")): \(reason)\n\(lastLines(of: errors))")
  }
  return ProcessRun(
    wallSeconds: wall, cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
    peakBytes: usage.ru_maxrss * 1024)
}

private func spawn(_ command: [String], output: String, errors: String) -> pid_t {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  let create = O_WRONLY | O_CREAT | O_TRUNC
  unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, create, 0o644)
  unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, create, 0o644)

  // The same environment for all, and no home: a user's Wireshark preferences would change the work.
  let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
  let environment = ["PATH=\(path)", "HOME=/nonexistent", "LC_ALL=C.UTF-8"]

  var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
  var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
  defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
  var child: pid_t = 0
  let result = unsafe posix_spawnp(&child, command[0], &actions, nil, &arguments, &variables)
  if result != 0 { fail("\(command[0]): \(unsafe String(cString: strerror(result)))") }
  return child
}

func monotonicSeconds() -> Double {
  var now = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

private func lastLines(of path: String) -> String {
  var lines: [String] = []
  forEachLine(of: path) { line in
    if lines.count == 10 { lines.removeFirst() }
    lines.append(String(decoding: line, as: UTF8.self))
  }
  return lines.joined(separator: "\n")
}
