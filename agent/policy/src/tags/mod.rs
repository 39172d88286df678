//! The tag map: what the plant calls its registers, bytes and nodes, and what their contents mean.
//!
//! | key | value |
//! |---|---|
//! | `asset` | needed: the name of an asset |
//! | `protocol` | where the target alone does not tell it |
//! | `target` | needed: one exact target as statements write it; `.0` to `.15` behind a register or `.0` to `.7` behind a byte is one bit |
//! | `type` | needed for registers and bytes, see [`Type`]; a bit and a coil are `bool`, a node knows its own |
//! | `order` | how the bytes of registers lie: `ABCD` (default), `CDAB`, `BADC` or `DCBA`, see [`Order`] |
//! | `unit` | the unit of the value, such as `degC` |
//! | `scale`, `offset` | value = what is written * scale + offset; 1 and 0 where they are not stated |
//! | `low`, `high` | what the value must not fall below or exceed, in the unit |
//! | `text` | what it is, in words |
//!
//! Tags stand under `tags` in YAML and in the lines of `tag_files` (`table`: CSV with these keys and `name` in its header line).
//! Both become [`raw::Tag`]s, with the place of each word, and these become a [`TagMap`] (`resolve`), whose tags find
//! themselves in what is written ([`Tag::covered`]) and say so in words ([`Tag::words`]).
//!
//! Left out: values that lie in several places, texts, and expressions over several tags.

mod bytes;
mod encode;
mod exact;
mod kind;
mod map;
mod notation;
mod order;
pub(crate) mod raw;
mod resolve;
mod table;
mod tag;

pub(crate) use bytes::bits_of;
#[cfg(test)]
pub(crate) use exact::Exact;
pub(crate) use exact::cell_bytes;
#[cfg(test)]
pub(crate) use kind::Type;
pub(crate) use kind::numbers;
pub(crate) use map::{TagId, TagMap};
#[cfg(test)]
pub(crate) use order::Order;
pub(crate) use resolve::{Known, resolve};
pub(crate) use table::read_table;
pub(crate) use tag::{Covered, Tag};
