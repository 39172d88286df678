//! What texts of the language look like, where that can be said in a regular expression or a few words.
//! They are for editors: the reader says more, and in better words.

pub(super) const IP: &str = "[0-9a-fA-F.:]+";
pub(super) const CIDR: &str = "[0-9a-fA-F.:]+/[0-9]{1,3}";
pub(super) const RANGE: &str = "[0-9a-fA-F.:]+ *- *[0-9a-fA-F.:]+";
pub(super) const MAC: &str = "[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}";
pub(super) const OUI: &str = "[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){2}";
pub(super) const SPAN: &str = "[1-9][0-9]*[mhd]";
pub(super) const RATE: &str = "[0-9]+/[0-9]+[smhd]";
pub(super) const UNIT: &str = "[0-9]+(-[0-9]+)?|rack [0-7] slot [0-9]+";
pub(super) const DATE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
pub(super) const MOMENT: &str =
    "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?";
pub(super) const HOURS: &str = "[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}( *, *[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2})*";
pub(super) const DAYS: &str =
    "(mon|tue|wed|thu|fri|sat|sun|daily)( *[,-] *(mon|tue|wed|thu|fri|sat|sun|daily))*";
pub(super) const THUMBPRINT: &str = "([0-9a-fA-F][: ]*){40}";
pub(super) const DECIMAL: &str = "[+-]?[0-9]*\\.?[0-9]+([eE][+-]?[0-9]+)?.*";
pub(super) const LEVELS: &[&str] = &["0", "1", "2", "3", "3.5", "4", "5"];
pub(super) const TRUTH: &[&str] = &["true", "false"];
