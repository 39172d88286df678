//! What messages of one flow that were judged alike have in common, byte by byte.
//!
//! A template is made of whole messages that came in a segment of their own, on one flow, in one direction, of one
//! length, and under one judgement. Each byte that ever differed among them varies; the others stand. A message that has every
//! byte that stands is judged as they were: where it is not, the byte that makes the difference did vary among
//! messages that were judged alike. Whatever else a message says, such as a write among reads, stands in the way
//! and is shown to its decoder.

use model::Direction;

use crate::judgement::JudgementId;

/// A whole message, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) from: Direction,
    pub(crate) bytes: &'a [u8],
    /// What was judged of it.
    pub(crate) judgement: JudgementId,
    /// Whether all of it decides: an answer's values do not.
    pub(crate) decides: Decides,
}

/// How much of a message decides how it is judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Decides {
    /// All of it: it is a request.
    Everything,
    /// Its beginning: it is an answer.
    Beginning,
}

/// The templates of one flow.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    // INVARIANT: at most `LIMIT`.
    all: Vec<Template>,
    /// Which one gives way when there are too many.
    oldest: usize,
    /// The one that fitted last.
    last: usize,
    held_bytes: usize,
}

#[derive(Debug)]
struct Template {
    from: Direction,
    judgement: JudgementId,
    decides: Decides,
    /// The length of the messages.
    len: usize,
    /// Their first bytes.
    // INVARIANT: as long as `stands`.
    bytes: Box<[u8]>,
    /// All ones where a byte stands, all zeros where it varies.
    stands: Box<[u8]>,
    /// How many messages in a row changed nothing.
    steady: u32,
}

impl Templates {
    /// Whether a segment is like messages that were judged alike, and what decided on those.
    pub(crate) fn fit(&mut self, from: Direction, bytes: &[u8]) -> Option<Decides> {
        let fits = |template: &Template| template.is_ripe() && template.fits(from, bytes);
        let next = self.last + 1;
        let (before, after) = self.all.split_at(next.min(self.all.len()));
        let found = after
            .iter()
            .position(fits)
            .map(|place| next + place)
            .or_else(|| before.iter().position(fits));
        let found = found?;
        self.last = found;
        self.all.get(found).map(|template| template.decides)
    }

    /// Takes in a message that was judged.
    pub(crate) fn learn(&mut self, message: &Message<'_>) {
        let Message {
            from,
            bytes,
            judgement,
            decides,
        } = *message;
        if bytes.len() > LONGEST && decides == Decides::Everything {
            return;
        }
        let is_its = |template: &&mut Template| {
            template.from == from && template.judgement == judgement && template.len == bytes.len()
        };
        match self.all.iter_mut().find(is_its) {
            Some(template) => template.widen(bytes),
            None => self.add(Template::new(message)),
        }
    }

    /// How much it holds.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    fn add(&mut self, template: Template) {
        self.held_bytes += template.held_bytes();
        if self.all.len() < LIMIT {
            return self.all.push(template);
        }
        self.oldest = (self.oldest + 1) % LIMIT;
        if let Some(old) = self.all.get_mut(self.oldest) {
            self.held_bytes -= old.held_bytes();
            *old = template;
        }
    }
}

impl Template {
    fn new(message: &Message<'_>) -> Self {
        let Message {
            from,
            bytes,
            judgement,
            decides,
        } = *message;
        let beginning: Box<[u8]> = bytes.iter().take(LONGEST).copied().collect();
        Self {
            from,
            judgement,
            decides,
            len: bytes.len(),
            stands: vec![u8::MAX; beginning.len()].into(),
            bytes: beginning,
            steady: 0,
        }
    }

    /// Whether it was tried enough, and enough of it stands.
    fn is_ripe(&self) -> bool {
        self.steady >= STEADY
    }

    fn fits(&self, from: Direction, bytes: &[u8]) -> bool {
        let same = |((own, stands), byte): ((&u8, &u8), &u8)| (own ^ byte) & stands == 0;
        let mut all = self.bytes.iter().zip(&self.stands).zip(bytes);
        self.from == from && self.len == bytes.len() && all.all(same)
    }

    /// Makes it fit one more message.
    fn widen(&mut self, bytes: &[u8]) {
        let mut standing = 0;
        let mut changed = false;
        for ((own, stands), byte) in self.bytes.iter().zip(&mut self.stands).zip(bytes) {
            if *stands != 0 && own != byte {
                *stands = 0;
                changed = true;
            }
            standing += usize::from(*stands != 0);
        }
        let is_tried = !changed && standing >= STANDING;
        self.steady = if is_tried {
            self.steady.saturating_add(1)
        } else {
            0
        };
    }

    fn held_bytes(&self) -> usize {
        2 * self.bytes.len() + size_of::<Self>()
    }
}

/// How many templates a flow has.
const LIMIT: usize = 128;
/// How many bytes of a message are compared.
const LONGEST: usize = 256;
/// How many messages in a row must change nothing.
const STEADY: u32 = 3;
/// How many bytes must stand.
const STANDING: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const READ: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 10];

    fn numbered(mut message: [u8; 12], number: u8) -> [u8; 12] {
        message[1] = number;
        message
    }

    fn teach(templates: &mut Templates, messages: impl IntoIterator<Item = [u8; 12]>) {
        for bytes in messages {
            templates.learn(&Message {
                from: Direction::Forward,
                bytes: &bytes,
                judgement: JudgementId::NONE,
                decides: Decides::Everything,
            });
        }
    }

    #[test]
    fn what_varied_may_vary_and_what_stood_must_stand() {
        let mut templates = Templates::default();
        teach(&mut templates, (1..=5).map(|number| numbered(READ, number)));
        let mut fit = |bytes: &[u8]| templates.fit(Direction::Forward, bytes).is_some();
        assert!(fit(&numbered(READ, 77)));
        for place in (0..READ.len()).filter(|place| *place != 1) {
            let mut other = READ;
            other[place] ^= 4;
            assert!(!fit(&other), "{place}");
        }
        assert!(!fit(&READ[..11]), "another length");
        assert_eq!(
            templates.fit(Direction::Backward, &READ),
            None,
            "the other way"
        );
    }

    #[test]
    fn a_template_that_changed_is_tried_again() {
        let mut templates = Templates::default();
        teach(&mut templates, [READ, READ, READ]);
        assert_eq!(
            templates.fit(Direction::Forward, &READ),
            None,
            "two that agree with the first"
        );
        teach(&mut templates, [READ]);
        assert!(templates.fit(Direction::Forward, &READ).is_some());
        teach(&mut templates, [numbered(READ, 9)]);
        assert!(templates.fit(Direction::Forward, &READ).is_none());
        teach(&mut templates, [READ; 3]);
        assert!(templates.fit(Direction::Forward, &READ).is_some());
    }

    #[test]
    fn a_message_of_which_nothing_stands_fits_nothing() {
        let mut templates = Templates::default();
        teach(
            &mut templates,
            [[0; 12], [255; 12], [0; 12], [0; 12], [0; 12], [0; 12]],
        );
        assert!(templates.fit(Direction::Forward, &[0; 12]).is_none());
    }

    #[test]
    fn templates_are_bounded() {
        let mut templates = Templates::default();
        for len in 1..1_000 {
            for decides in [Decides::Everything, Decides::Beginning] {
                let bytes = vec![0; len];
                let (from, judgement) = (Direction::Forward, JudgementId::NONE);
                templates.learn(&Message {
                    from,
                    bytes: &bytes,
                    judgement,
                    decides,
                });
            }
        }
        assert_eq!(templates.all.len(), LIMIT);
        let held: usize = templates.all.iter().map(Template::held_bytes).sum();
        assert_eq!(templates.held_bytes(), held);
        assert!(held <= LIMIT * (2 * LONGEST + size_of::<Template>()));
        assert!(
            templates.all.iter().all(|template| template.len > LONGEST),
            "only answers are longer"
        );
    }
}
