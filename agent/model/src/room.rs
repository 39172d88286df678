//! Room for lists that get long.

/// Makes room for one more in a list that is to have `limit` at most. A short list grows as lists do. One of a megabyte gets all its room at
/// once: while it is moved both copies are in memory, and room that nobody has touched is not. Where the system does not give so much, it
/// grows as lists do.
pub fn make_room<T>(list: &mut Vec<T>, limit: usize) {
    let is_long = size_of_val(list.as_slice()) >= LONG_BYTES;
    if is_long && list.len() == list.capacity() {
        let more = limit.saturating_sub(list.len());
        // whoever adds to it takes what it needs otherwise
        let _ = list.try_reserve_exact(more);
    }
}

const LONG_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(len: usize, limit: usize) -> Vec<u64> {
        let mut list = Vec::new();
        for number in 0..len as u64 {
            make_room(&mut list, limit);
            list.push(number);
        }
        list
    }

    #[test]
    fn a_list_that_gets_long_is_moved_once() {
        assert!(filled(1_000, 1_000_000).capacity() < 2_000);
        let long = LONG_BYTES / 8;
        assert_eq!(filled(long + 1, 1_000_000).capacity(), 1_000_000);
    }

    #[test]
    fn a_list_grows_where_there_is_no_such_room_or_no_such_limit() {
        let long = LONG_BYTES / 8;
        assert_eq!(filled(long + 1, usize::MAX).len(), long + 1);
        assert_eq!(filled(2 * long, long).len(), 2 * long);
    }
}
