//! What a process in the sandbox can still do with a real packet socket: listen.
//!
//! A program of its own, in a network namespace of its own, because nothing of this can be undone.
//! It tries everything that would send a frame, start a program or reach a file that is not the
//! sensor's, and then listens on, writes and connects as a sensor does.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that has no harness"
)]

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, IoSlice};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use capture::{Port, PortConfig};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketType};
use sandbox::Plan;

fn main() -> ExitCode {
    if std::env::args().any(|word| word == INSIDE) {
        inside();
        return ExitCode::SUCCESS;
    }
    let own = std::env::current_exe().unwrap();
    let script = "ip link set lo up && exec \"$0\" \"$1\"";
    let allowed = Command::new("unshare").args(["--net", "true"]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        println!("skipped: no network namespace can be made here");
        return ExitCode::SUCCESS;
    }
    let ran = Command::new("unshare")
        .args(["--net", "sh", "-c", script])
        .arg(own)
        .arg(INSIDE)
        .status()
        .unwrap();
    if ran.success() {
        println!("a process in the sandbox cannot send, run or reach anything, and listens on");
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

fn inside() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let sent = File::open("/sys/class/net/lo/statistics/tx_packets").unwrap();
    let mut port = Port::open(&PortConfig::new("lo")).unwrap();
    let soc = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let connectable = soc.local_addr().unwrap().port();
    let plan = Plan {
        account: None,
        readable: vec![],
        writable: vec![folder.path().to_owned()],
        connectable: vec![connectable],
        receiving: vec![port.as_fd().as_raw_fd()],
    };
    let entered = sandbox::enter(&plan).unwrap();
    let (ask, asked) = sync_channel::<()>(0);
    let worker = std::thread::spawn(move || {
        asked.recv().unwrap();
        denied("a socket pair, in a thread", UnixStream::pair());
        denied("a program, in a thread", Command::new("true").spawn());
    });
    let pipes = rustix::pipe::pipe().unwrap();
    let sealed = entered.seal().unwrap();
    println!("{:?}", sealed.report);
    ask.send(()).unwrap();
    worker.join().unwrap();

    let before = count(&sent);
    sends_nothing(&port, &pipes, folder.path());
    makes_no_socket();
    runs_nothing();
    assert_eq!(count(&sent), before, "a frame was sent");
    reaches_no_file(&secret, outside.path());
    if sealed.report.landlock == sandbox::Landlock::Full {
        let refused = TcpStream::connect(other.local_addr().unwrap()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    }

    fs::write(folder.path().join("own"), "own").unwrap();
    fs::rename(folder.path().join("own"), folder.path().join("new")).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("new")).unwrap(),
        "own"
    );
    TcpStream::connect(("127.0.0.1", connectable)).unwrap();
    let speaker = UdpSocket::bind("127.0.0.1:0").unwrap();
    speaker.send_to(b"heard", "127.0.0.1:9").unwrap();
    let mut heard = 0;
    while heard == 0 {
        heard = port.dispatch(Duration::from_secs(1), &mut |_| ()).unwrap();
    }
    port.drops().unwrap();
}

/// Everything that puts bytes on a socket, and everything that gives it a number no rule knows.
fn sends_nothing(port: &Port, pipes: &(OwnedFd, OwnedFd), folder: &Path) {
    let (socket, frame) = (port.as_fd(), [0xff; 60]);
    denied("write", rustix::io::write(socket, &frame));
    denied(
        "writev",
        rustix::io::writev(socket, &[IoSlice::new(&frame)]),
    );
    denied("pwrite", rustix::io::pwrite(socket, &frame, 0));
    denied(
        "pwritev",
        rustix::io::pwritev(socket, &[IoSlice::new(&frame)], 0),
    );
    denied(
        "send",
        rustix::net::send(socket, &frame, SendFlags::empty()),
    );
    let nothing = &mut rustix::net::SendAncillaryBuffer::default();
    let slices = [IoSlice::new(&frame)];
    let message = rustix::net::sendmsg(socket, &slices, nothing, SendFlags::empty());
    denied("sendmsg", message);
    rustix::io::write(&pipes.1, &frame).unwrap();
    let spliced = rustix::pipe::splice(
        &pipes.0,
        None,
        socket,
        None,
        frame.len(),
        rustix::pipe::SpliceFlags::empty(),
    );
    denied("splice", spliced);
    fs::write(folder.join("frame"), frame).unwrap();
    let file = File::open(folder.join("frame")).unwrap();
    denied("sendfile", rustix::fs::sendfile(socket, &file, None, 60));
    denied("dup", rustix::io::dup(socket));
    let mut spare = OwnedFd::from(file);
    denied("dup2", rustix::io::dup2(socket, &mut spare));
    let flags = rustix::io::DupFlags::empty();
    denied("dup3", rustix::io::dup3(socket, &mut spare, flags));
    denied("fcntl", rustix::io::fcntl_dupfd_cloexec(socket, 100));
}

/// No socket that could send a frame, none that could hand one on.
fn makes_no_socket() {
    let socket = |family, kind| rustix::net::socket(family, kind, None);
    denied(
        "packet socket",
        socket(AddressFamily::PACKET, SocketType::RAW),
    );
    denied(
        "packet socket",
        socket(AddressFamily::PACKET, SocketType::DGRAM),
    );
    denied("raw socket", socket(AddressFamily::INET, SocketType::RAW));
    denied("raw socket", socket(AddressFamily::INET6, SocketType::RAW));
    denied(
        "local socket",
        socket(AddressFamily::UNIX, SocketType::STREAM),
    );
    denied("socket pair", UnixStream::pair());
    socket(AddressFamily::NETLINK, SocketType::RAW).unwrap();
}

fn runs_nothing() {
    denied("a program", Command::new("/bin/true").spawn());
    use std::os::unix::process::CommandExt as _;
    let error = Command::new("/bin/true").exec();
    assert_eq!(
        error.raw_os_error(),
        Some(Errno::PERM.raw_os_error()),
        "exec"
    );
}

fn reaches_no_file(secret: &Path, outside: &Path) {
    for path in [
        secret,
        Path::new("/etc/shadow"),
        Path::new("/proc/self/mem"),
    ] {
        let refused = File::open(path).unwrap_err();
        assert_eq!(
            refused.kind(),
            io::ErrorKind::PermissionDenied,
            "{}",
            path.display()
        );
    }
    let refused = fs::write(outside.join("new"), "").unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
}

/// It must have failed with EPERM.
fn denied<T: Debug, E: Into<io::Error>>(what: &str, tried: Result<T, E>) {
    let error = tried.expect_err(what).into();
    assert_eq!(
        error.raw_os_error(),
        Some(Errno::PERM.raw_os_error()),
        "{what}: {error}"
    );
}

/// How many frames an interface has sent.
fn count(file: &File) -> u64 {
    use std::os::unix::fs::FileExt as _;
    let mut text = [0; 32];
    let len = file.read_at(&mut text, 0).unwrap();
    String::from_utf8_lossy(&text[..len])
        .trim()
        .parse()
        .unwrap()
}

/// The word that says that this is the process to be locked up.
const INSIDE: &str = "inside-the-sandbox";
