//! modbus.

#[cfg(test)]
pub(crate) mod tests;

use model::Vocabulary;

use crate::{Probe, Protocol};

/// The room's face.
pub(crate) static PROTOCOL: Protocol = Protocol {
    vocabulary: &VOCABULARY,
    probe: |_, _| Probe::Never,
    open: |_, _| Box::new(Nothing),
};

static VOCABULARY: Vocabulary = Vocabulary {
    name: "modbus",
    ports: &[],
    functions: &[],
    areas: &[],
    kinds: &[],
    fields: &[],
    volatile_fields: &[],
};

struct Nothing;
impl crate::Decoder for Nothing {
    fn feed(
        &mut self,
        _: model::Stamp,
        _: model::Direction,
        _: &[u8],
        _: &mut dyn FnMut(model::Said<'_>),
    ) {
    }
    fn gap(
        &mut self,
        _: model::Stamp,
        _: model::Direction,
        _: u64,
        _: &mut dyn FnMut(model::Said<'_>),
    ) {
    }
    fn close(&mut self, _: model::Stamp, _: &mut dyn FnMut(model::Said<'_>)) {}
    fn held_bytes(&self) -> usize {
        0
    }
}
