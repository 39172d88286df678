//! The folder that `--out` names, and the command line around it.

use crate::support::{bulkhead, says, stderr};

#[test]
fn logs_of_an_earlier_run_are_written_anew_and_other_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/logs");
    std::fs::create_dir_all(&out).unwrap();
    for name in ["modbus.log", "s7comm_plus.log", "notes.txt", "conn.log"] {
        std::fs::write(out.join(name), "old").unwrap();
    }
    let replay = format!(
        "replay pcaps/normal.pcap --format icsnpp --out {}",
        out.display()
    );
    let (first, again) = (says(&replay), says(&replay));
    assert_eq!(first, again);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("modbus.log").lines().count(), 94);
    assert_eq!(
        (read("notes.txt"), read("conn.log")),
        ("old".into(), "old".into())
    );
    assert!(!out.join("s7comm_plus.log").exists());
    let before = read("modbus.log");
    says(&replay);
    assert_eq!(read("modbus.log"), before);
}

#[test]
fn the_other_outputs_are_what_they_are_without_logs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let replay = |more: &str, name: &str| {
        says(&format!(
            "replay pcaps/normal.pcap --json --operations {} --incidents {} {more}",
            path(&format!("{name}.operations")),
            path(&format!("{name}.incidents")),
        ))
    };
    let logs = format!("--format icsnpp --out {}", path("logs"));
    assert_eq!(replay("", "plain"), replay(&logs, "logged"));
    for what in ["operations", "incidents"] {
        let read = |name: &str| std::fs::read(path(&format!("{name}.{what}"))).unwrap();
        assert_eq!(read("plain"), read("logged"));
    }
    assert!(folder.path().join("logs/s7comm.log").exists());
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let check = |words: &str, named: &[&str]| {
        let output = bulkhead(words.split_whitespace());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "`{words}` said {said}");
        for name in named {
            assert!(
                said.contains(name),
                "`{words}` does not name `{name}`: {said}"
            );
        }
    };
    let normal = "replay pcaps/normal.pcap";
    check(
        &format!("{normal} --format leef --out x"),
        &["leef", "icsnpp"],
    );
    check(&format!("{normal} --format icsnpp"), &["--out <DIR>"]);
    check(&format!("{normal} --out x"), &["--format <FORMAT>"]);
    let file = "README.md";
    check(
        &format!("{normal} --format icsnpp --out {file}"),
        &["cannot write `README.md`", "not a directory"],
    );
}
