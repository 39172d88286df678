//! Other ways to write a target that people bring along: what is said to them.

/// What to write instead of a data block address (`DB10.DBD4`) or a Modicon number (`40001`).
pub(super) fn meant(text: &str) -> Option<String> {
    block(text).or_else(|| modicon(text))
}

/// `DB10.DBX4.2`, `%DB10.DBD4`: STEP 7's addresses in a data block.
fn block(text: &str) -> Option<String> {
    let text = text.trim_start_matches('%').to_ascii_uppercase();
    let (block, rest) = text.split_once(".DB")?;
    let block: u32 = block.strip_prefix("DB")?.parse().ok()?;
    let form = rest.chars().next()?;
    let cell = rest.strip_prefix(form)?;
    let first: u64 = cell.split('.').next()?.parse().ok()?;
    let cells = match form {
        'X' => return Some(format!("write `DB{block}:{cell}`")),
        'B' => format!("{first}"),
        'W' => format!("{first}-{}", first + 1),
        'D' => format!("{first}-{}", first + 3),
        _ => return None,
    };
    Some(format!("write `DB{block}:{cells}`"))
}

/// `40001`, `400001`: numbers that begin with a table's digit and count from 1.
fn modicon(text: &str) -> Option<String> {
    let number = text.get(1..).filter(|rest| (4..=5).contains(&rest.len()))?;
    let number: u64 = number.parse().ok()?;
    let area = match text.chars().next()? {
        '0' => "coil",
        '1' => "discrete",
        '3' => "input",
        '4' => "holding",
        _ => return None,
    };
    let cell = number.checked_sub(1)?;
    Some(format!("cells count from 0: write `{area}:{cell}`"))
}
