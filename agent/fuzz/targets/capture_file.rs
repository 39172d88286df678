//! Any bytes as a capture file: it is read to its end, or to the damage.
#![no_main]

use capture::CaptureFile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("bulkhead-fuzz-{}", std::process::id()));
    std::fs::write(&path, bytes).expect("a temporary file");
    let Ok(mut file) = CaptureFile::open(&path) else {
        return;
    };
    while let Ok(Some(frame)) = file.next() {
        assert!(frame.bytes.len() <= 256 << 10);
    }
    assert!(matches!(file.next(), Ok(None)));
});
