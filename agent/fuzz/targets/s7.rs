//! A decoder of this protocol, led through any sequence of feeds, gaps and closes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::lead("s7", bytes));
