//! How the bytes of a value lie in its registers.
//!
//! A register is sent with its high byte first (MODBUS Application Protocol V1.1b3, 4.2); how a value of several registers lies in
//! them is each vendor's choice. `ABCD` are the bytes of the value, the most significant first, as they stand on the wire:
//!
//! | order | 32 bits | 64 bits | also called |
//! |---|---|---|---|
//! | `ABCD` | A B C D | A B C D E F G H | big, big-endian |
//! | `CDAB` | C D A B | G H E F C D A B | word-swapped, words in little-endian order |
//! | `BADC` | B A D C | B A D C F E H G | byte-swapped |
//! | `DCBA` | D C B A | H G F E D C B A | little, little-endian |
//!
//! Values of 16 bits have their bytes swapped by `BADC` and `DCBA`.

/// The order of the bytes of a value on the wire.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Order {
    #[default]
    Abcd,
    Cdab,
    Badc,
    Dcba,
}

impl Order {
    /// The order of that name, in capitals or not, as four letters, eight, or words.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace('-', "_");
        let known = NAMES.iter().find(|(_, names)| names.contains(&&*name));
        known.map(|(order, _)| *order)
    }

    /// The names to choose from.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
        ["ABCD", "CDAB", "BADC", "DCBA"].into_iter()
    }

    /// Puts the bytes of a value, as they lay on the wire, into the order `ABCD`. It undoes itself.
    pub(crate) fn arrange(self, bytes: &mut [u8]) {
        if matches!(self, Self::Cdab | Self::Dcba) {
            bytes.reverse();
        }
        if matches!(self, Self::Cdab | Self::Badc) {
            bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse);
        }
    }
}

const NAMES: &[(Order, &[&str])] = &[
    (Order::Abcd, &["abcd", "abcdefgh", "big", "big_endian"]),
    (
        Order::Cdab,
        &["cdab", "ghefcdab", "word_swap", "word_swapped"],
    ),
    (
        Order::Badc,
        &["badc", "badcfehg", "byte_swap", "byte_swapped"],
    ),
    (
        Order::Dcba,
        &["dcba", "hgfedcba", "little", "little_endian"],
    ),
];
