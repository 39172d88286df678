//! Calls of the kernel that a sensor has no use for (seccomp(2)).
//!
//! What is named here fails with `EPERM`; everything else works. A list of what works would be
//! stronger and would break with every new edition of the C library; the service manager has such a
//! list (`SystemCallFilter=@system-service` in the unit), kept by people who follow the libraries.
//!
//! Numbers of descriptors are compared as the kernel reads them, by their lower 32 bits.

use std::collections::BTreeMap;
use std::os::fd::RawFd;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter, apply_filter_all_threads, sock_filter,
};

use crate::Error;

/// The calls that fail, each always or where one of its rules holds.
type Calls = BTreeMap<i64, Vec<SeccompRule>>;

/// Whether this kernel filters calls.
pub fn is_there() -> bool {
    rustix::thread::secure_computing_mode().is_ok()
}

/// Limits the calls of this thread and of those that it starts; on the sockets `receiving`, nothing
/// is sent any more.
pub(crate) fn limit(receiving: &[RawFd]) -> Result<(), Error> {
    let mut calls: Calls = NEVER.iter().map(|call| (*call, Vec::new())).collect();
    sockets(&mut calls)?;
    processes(&mut calls)?;
    for socket in receiving.iter().map(|number| *number as u64) {
        for (call, argument) in SENDING {
            add(&mut calls, *call, &[eq(*argument, socket)])?;
        }
        no_doubles(&mut calls, socket)?;
    }
    apply_filter(&program(calls, libc::EPERM)?)?;
    // the C library starts threads with the older call where this one is not there
    let newer = Calls::from([(libc::SYS_clone3, Vec::new())]);
    apply_filter(&program(newer, libc::ENOSYS)?)?;
    apply_filter(&no_foreign_numbers())?;
    Ok(())
}

/// Ends the making of local sockets in all threads, and the handing on of those in `sockets`.
pub(crate) fn seal(sockets: &[RawFd]) -> Result<(), Error> {
    let mut calls = Calls::from([(libc::SYS_socketpair, Vec::new())]);
    add(&mut calls, libc::SYS_socket, &[eq(0, libc::AF_UNIX as u64)])?;
    for socket in sockets.iter().map(|number| *number as u64) {
        add(&mut calls, libc::SYS_sendmmsg, &[eq(0, socket)])?;
        no_doubles(&mut calls, socket)?;
    }
    Ok(apply_filter_all_threads(&program(calls, libc::EPERM)?)?)
}

/// Only sockets of the kinds that sinks, names and the service manager need; none that is raw, and
/// none that is tied to an interface, as one that sends without an address must be.
fn sockets(calls: &mut Calls) -> Result<(), Error> {
    let kinds = [
        libc::AF_UNIX,
        libc::AF_INET,
        libc::AF_INET6,
        libc::AF_NETLINK,
    ];
    let others: Vec<_> = kinds.iter().map(|kind| ne(0, *kind as u64)).collect();
    add(calls, libc::SYS_socket, &others)?;
    for kind in [libc::AF_INET, libc::AF_INET6] {
        for raw in [libc::SOCK_RAW, SOCK_PACKET] {
            let form = masked(1, SOCK_TYPE_MASK, raw as u64);
            add(calls, libc::SYS_socket, &[eq(0, kind as u64), form])?;
        }
    }
    for (level, option) in TIED {
        let tied = [eq(1, *level as u64), eq(2, *option as u64)];
        add(calls, libc::SYS_setsockopt, &tied)?;
    }
    Ok(())
}

/// Threads may be started, processes may not; nobody types into a terminal for its user.
fn processes(calls: &mut Calls) -> Result<(), Error> {
    let thread = libc::CLONE_THREAD as u64;
    add(calls, libc::SYS_clone, &[masked(0, thread, 0)])?;
    for request in [libc::TIOCSTI, TIOCLINUX] {
        add(calls, libc::SYS_ioctl, &[eq(1, request)])?;
    }
    Ok(())
}

/// A second number for the same socket would be one that no rule knows.
fn no_doubles(calls: &mut Calls, socket: u64) -> Result<(), Error> {
    for call in DOUBLING {
        add(calls, *call, &[eq(0, socket)])?;
    }
    for command in [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC] {
        let asked = [eq(0, socket), eq(1, command as u64)];
        add(calls, libc::SYS_fcntl, &asked)?;
    }
    Ok(())
}

/// One argument of a call, held against a number.
type Condition = (u8, SeccompCmpOp, u64);

const fn eq(argument: u8, value: u64) -> Condition {
    (argument, SeccompCmpOp::Eq, value)
}

const fn ne(argument: u8, value: u64) -> Condition {
    (argument, SeccompCmpOp::Ne, value)
}

const fn masked(argument: u8, mask: u64, value: u64) -> Condition {
    (argument, SeccompCmpOp::MaskedEq(mask), value)
}

/// Makes a call fail where all conditions hold.
fn add(calls: &mut Calls, call: c_long, conditions: &[Condition]) -> Result<(), Error> {
    let conditions = conditions.iter().map(|(argument, how, value)| {
        let width = SeccompCmpArgLen::Dword;
        SeccompCondition::new(*argument, width, how.clone(), *value)
    });
    let rule = SeccompRule::new(conditions.collect::<Result<_, _>>()?)?;
    calls.entry(call).or_default().push(rule);
    Ok(())
}

fn program(calls: Calls, errno: i32) -> Result<BpfProgram, Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let fails = SeccompAction::Errno(errno.unsigned_abs());
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, fails, arch)?;
    Ok(filter.try_into()?)
}

/// x86-64 has a second set of numbers for the same calls (x32, syscall(2)); no rule knows them, so
/// all of them fail. Other machines have none as high.
fn no_foreign_numbers() -> BpfProgram {
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    vec![
        step(LOAD_NUMBER, 0, 0, 0),
        step(JUMP_IF_AT_LEAST, 0, 1, X32_BIT),
        step(
            RETURN,
            0,
            0,
            libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs(),
        ),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

/// `BPF_LD | BPF_W | BPF_ABS`, of the first field of `struct seccomp_data`.
const LOAD_NUMBER: u16 = 0x20;
/// `BPF_JMP | BPF_JGE | BPF_K`.
const JUMP_IF_AT_LEAST: u16 = 0x35;
/// `BPF_RET | BPF_K`.
const RETURN: u16 = 0x06;
/// `__X32_SYSCALL_BIT`.
const X32_BIT: u32 = 0x4000_0000;

/// The older way to a packet socket (packet(7)).
const SOCK_PACKET: i32 = 10;
/// The part of a socket's type that is no flag.
const SOCK_TYPE_MASK: u64 = 0xf;
/// Terminal commands, pasting among them (ioctl_console(2)).
const TIOCLINUX: u64 = 0x541c;

/// Calls that send, each with the argument that names where to.
const SENDING: &[(c_long, u8)] = &[
    (libc::SYS_write, 0),
    (libc::SYS_writev, 0),
    (libc::SYS_pwrite64, 0),
    (libc::SYS_pwritev, 0),
    (libc::SYS_pwritev2, 0),
    (libc::SYS_sendto, 0),
    (libc::SYS_sendmmsg, 0),
    (libc::SYS_sendfile, 0),
    (libc::SYS_splice, 2),
];

/// Calls that give a descriptor a second number.
#[cfg(target_arch = "x86_64")]
const DOUBLING: &[c_long] = &[libc::SYS_dup, libc::SYS_dup2, libc::SYS_dup3];
/// Calls that give a descriptor a second number.
#[cfg(not(target_arch = "x86_64"))]
const DOUBLING: &[c_long] = &[libc::SYS_dup, libc::SYS_dup3];

/// Options that tie a socket to an interface (socket(7), ip(7), ipv6(7)).
const TIED: &[(i32, i32)] = &[
    (libc::SOL_SOCKET, libc::SO_BINDTODEVICE),
    (libc::SOL_SOCKET, libc::SO_BINDTOIFINDEX),
    (libc::IPPROTO_IP, 50), // IP_UNICAST_IF
    (libc::IPPROTO_IP, libc::IP_MULTICAST_IF),
    (libc::IPPROTO_IPV6, 76), // IPV6_UNICAST_IF
    (libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_IF),
];

/// Calls that always fail.
const NEVER: &[c_long] = &[
    // other programs
    libc::SYS_execve,
    libc::SYS_execveat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // descriptors handed on in a message, and ways to send that no rule sees
    libc::SYS_sendmsg,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_setup,
    libc::SYS_io_submit,
    // the kernel itself
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_personality,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    // other views of the file system
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mknod,
    libc::SYS_mknodat,
    // other rights
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
];
