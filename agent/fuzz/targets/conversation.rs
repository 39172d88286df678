//! A conversation over TCP or UDP that has to find out its protocol, through any feeds and gaps.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::converse(bytes));
