//! What is wrong in a file that a person wrote: where, what, and what to do.

use std::fmt;

/// A place in a file. Lines and columns are counted from 1.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that is wrong in a file. Loaders collect all of them and show all at once.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Problem {
    /// Where.
    pub at: Place,
    /// How many characters of that line it is about; 0 where that is not known.
    pub width: u32,
    /// What: lower case, no full stop, the user's own text in backticks.
    pub what: String,
    /// What to do, where that can be said.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)?;
        self.help
            .as_ref()
            .map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for Problem {}

/// The known word nearest to `word`, if it is near enough to be what was meant.
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near_enough = 1 + word.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= near_enough)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_one_line() {
        let at = Place {
            file: "plant/conduits.yaml".into(),
            line: 14,
            column: 9,
        };
        let problem = Problem {
            at,
            width: 5,
            what: "no zone `cel-1`".into(),
            help: Some("did you mean `cell-1`?".into()),
        };
        assert_eq!(
            problem.to_string(),
            "plant/conduits.yaml:14:9: no zone `cel-1`; did you mean `cell-1`?"
        );
    }

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(
            closest("cel-1", ["cell-1", "cell-2", "office"]),
            Some("cell-1")
        );
        assert_eq!(closest("raed", ["read", "write"]), Some("read"));
        assert_eq!(closest("dmz", ["cell-1", "office"]), None);
    }
}
