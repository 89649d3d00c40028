#ifndef WSTAP_CRIGHTS_H
#define WSTAP_CRIGHTS_H

// What a Linux process may give up. The C library has no functions for most of it, and its prctl and syscall are variadic, which
// Swift does not import.
#if defined(__linux__)

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// capabilities(7)

/// Whether the bounding set has the capability; -1 for one that the kernel does not know.
static inline int wstap_is_in_bounding_set(int capability) {
  return prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
}

static inline int wstap_drop_from_bounding_set(int capability) {
  return prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

static inline int wstap_clear_ambient_set(void) {
#if defined(PR_CAP_AMBIENT)
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
#else
  return 0;
#endif
}

/// The effective, permitted and inheritable set of this thread, a bit for each capability.
struct wstap_capabilities {
  uint64_t effective, permitted, inheritable;
};

static inline int wstap_get_capabilities(struct wstap_capabilities *sets) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct halves[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capget, &header, halves) != 0) return -1;
  sets->effective = halves[0].effective | (uint64_t)halves[1].effective << 32;
  sets->permitted = halves[0].permitted | (uint64_t)halves[1].permitted << 32;
  sets->inheritable = halves[0].inheritable | (uint64_t)halves[1].inheritable << 32;
  return 0;
}

static inline int wstap_set_capabilities(const struct wstap_capabilities *sets) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct halves[2] = {
      {(uint32_t)sets->effective, (uint32_t)sets->permitted, (uint32_t)sets->inheritable},
      {(uint32_t)(sets->effective >> 32), (uint32_t)(sets->permitted >> 32),
       (uint32_t)(sets->inheritable >> 32)}};
  return (int)syscall(SYS_capset, &header, halves);
}

/// What is executed later gets no more rights than this process has.
static inline int wstap_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

// landlock(7). The header of the system may be older than its kernel, or missing.

struct wstap_landlock_ruleset {
  uint64_t files, network, scopes;
};

struct wstap_landlock_path {
  uint64_t allowed;
  int32_t descriptor;
} __attribute__((packed));

/// The version of the interface; -1 where there is none.
static inline int wstap_landlock_version(void) { return (int)syscall(444, NULL, (size_t)0, 1u); }

static inline int wstap_landlock_create(const struct wstap_landlock_ruleset *handled) {
  return (int)syscall(444, handled, sizeof *handled, 0u);
}

static inline int wstap_landlock_allow(int ruleset, const struct wstap_landlock_path *path) {
  return (int)syscall(445, ruleset, 1, path, 0u);
}

static inline int wstap_landlock_restrict(int ruleset) { return (int)syscall(446, ruleset, 0u); }

// seccomp(2)

/// The architecture that system calls are numbered for; 0 where there is no filter.
static inline uint32_t wstap_audit_architecture(void) {
#if defined(__x86_64__) && !defined(__ILP32__)
  return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && defined(__AARCH64EL__)
  return AUDIT_ARCH_AARCH64;
#else
  return 0;
#endif
}

/// Installs the filter for this thread and those that it starts, without the slow-down of the processor's speculation that older
/// kernels add to it.
static inline int wstap_install_filter(struct sock_filter *instructions, unsigned short count) {
  struct sock_fprog program = {count, instructions};
  if (syscall(SYS_seccomp, 1u, 4u, &program) == 0) return 0;
  return (int)syscall(SYS_seccomp, 1u, 0u, &program);
}

/// A system call by number, for tests of the filter.
static inline long wstap_call(long number, long argument) { return syscall(number, argument, 0L, 0L, 0L, 0L, 0L); }

/// The call numbers that argument checks are for.
static inline uint32_t wstap_call_write(void) { return SYS_write; }
static inline uint32_t wstap_call_writev(void) { return SYS_writev; }
static inline uint32_t wstap_call_pwrite(void) { return SYS_pwrite64; }
static inline uint32_t wstap_call_pwritev(void) { return SYS_pwritev; }
static inline uint32_t wstap_call_pwritev2(void) {
#if defined(SYS_pwritev2)
  return SYS_pwritev2;
#else
  return SYS_pwritev;
#endif
}
static inline uint32_t wstap_call_dup(void) { return SYS_dup; }
static inline uint32_t wstap_call_dup3(void) { return SYS_dup3; }
static inline uint32_t wstap_call_dup2(void) {
#if defined(SYS_dup2)
  return SYS_dup2;
#else
  return SYS_dup3;
#endif
}
static inline uint32_t wstap_call_fcntl(void) { return SYS_fcntl; }
static inline uint32_t wstap_call_ioctl(void) { return SYS_ioctl; }
static inline uint32_t wstap_call_clone(void) { return SYS_clone; }
/// Of the same number on every architecture.
static inline uint32_t wstap_call_clone3(void) { return 435; }

/// The calls that are refused whatever their arguments, by index; -1 after the last one.
static inline int wstap_refused_call(int index) {
  static const int calls[] = {
      // Sockets. The one of the capture is open already, and is only read.
      SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto,
      SYS_sendmsg, SYS_sendmmsg,
      // Ways around write(2).
      SYS_sendfile, SYS_splice, SYS_tee, SYS_vmsplice,
      425, 426, 427,  // io_uring_setup, io_uring_enter, io_uring_register
      // Other programs and processes.
      SYS_execve,
#if defined(SYS_execveat)
      SYS_execveat,
#endif
      SYS_kill, SYS_rt_sigqueueinfo, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
      424, 434, 438,  // pidfd_send_signal, pidfd_open, pidfd_getfd
      // A user namespace of one's own has all capabilities.
      SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
      428, 429, 430, 431, 432, 433, 442,  // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
      // Parts of the kernel that faults are found in, and that reading packets needs nothing of.
#if defined(SYS_bpf)
      SYS_bpf,
#endif
#if defined(SYS_userfaultfd)
      SYS_userfaultfd,
#endif
      SYS_perf_event_open, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_open_by_handle_at,
      // What Landlock does not cover: properties of files. fchmod and fchown of an open file remain.
      SYS_fchmodat, SYS_fchownat, SYS_utimensat, SYS_truncate,
      SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
      452, 463, 466,  // fchmodat2, setxattrat, removexattrat
#if defined(SYS_chmod)
      SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
#endif
  };
  return (size_t)index < sizeof calls / sizeof *calls ? calls[index] : -1;
}

#endif

// Of the runtime libraries of sanitizers, and of coverage.
extern void __sanitizer_set_report_path(const char *) __attribute__((weak));
extern int __llvm_profile_write_file(void) __attribute__((weak));

/// Whether this is a build that looks into itself: at its end it reads /proc, stops its threads, or writes a file.
static inline _Bool wstap_is_instrumented(void) {
  return __sanitizer_set_report_path != 0 || __llvm_profile_write_file != 0;
}

#endif
