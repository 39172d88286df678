//! Fetching memory before it is needed.
//!
//! What is fetched is on its way into the cache while other work goes on. Nobody waits for it, nothing is read or changed, and
//! whoever fetches too much or too little loses time and nothing else.

use std::slice;

use prefetch_index::prefetch_index;

/// How far whatever leads from one piece of memory to the next was followed. Steps come one after the other, with time between
/// them: what one step had fetched is near in the next one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Its own memory may be fetched.
    First,
    /// Its own memory is near: what it points to may be fetched.
    Second,
    /// That is near as well.
    Third,
}

/// Fetches the line of the cache that a value begins in.
#[inline(always)]
pub fn fetch<T>(value: &T) {
    prefetch_index(slice::from_ref(value), 0);
}

/// Fetches the line that a list begins in, which may be empty and have room.
#[inline(always)]
pub fn fetch_list<T>(list: &[T]) {
    prefetch_index(list, 0);
}

/// Fetches the line that lies so many lines behind a value's. It may be of whatever follows.
#[inline(always)]
pub fn fetch_behind(value: &bool, lines: usize) {
    prefetch_index(slice::from_ref(value), lines * LINE_BYTES);
}

/// How long a line of the cache is, on nearly every machine.
const LINE_BYTES: usize = 64;
