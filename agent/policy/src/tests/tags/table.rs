//! Tables as spreadsheets and people write them.

use proptest::prelude::*;

use super::{lines, read};
use crate::number::Number;
use crate::problems::Problems;
use crate::tags::read_table;

/// The tags of a table that must be right, one in a line.
fn shown(table: &[u8]) -> Vec<String> {
    let (map, errors, _) = read("", &[("t.csv", table)]);
    assert_eq!(lines(&errors), [""; 0]);
    let tags = map.iter().map(|tag| {
        let or_none = |number: Option<Number>| {
            number.map_or_else(|| "-".to_owned(), |number| number.to_string())
        };
        let unit = tag.unit.as_deref().unwrap_or("-");
        let text = tag.text.as_deref().unwrap_or("-");
        format!(
            "{} {} {}..{} {unit} {text}",
            tag.name,
            tag.exact,
            or_none(tag.low),
            or_none(tag.high)
        )
    });
    tags.collect()
}

#[test]
fn a_table_reads_alike_whatever_the_spreadsheet_made_of_it() {
    let wanted = [
        "FIC-7.SP holding:50 -1.5..80 m3/h flow, of feed",
        "TIC-101.SP holding:40-41 20..380 °C the \"set\" point",
    ];
    let plain = "name,asset,target,type,scale,low,high,unit,text\n\
                 TIC-101.SP,plc-1,holding:40-41,real,,20,380,°C,\"the \"\"set\"\" point\"\n\
                 FIC-7.SP,plc-1,holding:50,int16,0.1,-1.5,80,m3/h,\"flow, of feed\"\n";
    assert_eq!(shown(plain.as_bytes()), wanted);
    let crlf = plain.replace('\n', "\r\n");
    assert_eq!(shown(crlf.as_bytes()), wanted);
    assert_eq!(shown(format!("\u{feff}{crlf}").as_bytes()), wanted);
    assert_eq!(shown(plain.trim_end().as_bytes()), wanted);
    assert_eq!(shown(plain.replace('\n', "\n\n").as_bytes()), wanted);
    assert_eq!(shown(plain.replace('\n', "\r").as_bytes()), wanted);
    let capitals = plain.replacen("name,asset", " Name ,ASSET", 1);
    assert_eq!(shown(capitals.as_bytes()), wanted);
    let tabs = plain
        .replace("flow, of", "flow_ of")
        .replace(',', "\t")
        .replace("flow_ of", "flow, of");
    assert_eq!(shown(tabs.as_bytes()), wanted);
    let european = "sep=;\r\nHigh;low;Scale;name;target;asset;TYPE;text;unit;\r\n\
                    380;20;;TIC-101.SP;holding:40-41;plc-1;REAL;\"the \"\"set\"\"\r\npoint\";°C;\r\n\
                    ;;;;;;;;;\r\n\
                    80;-1,5;0,1;FIC-7.SP;holding:50;plc-1;INT;flow, of feed;m3/h;\r\n";
    assert_eq!(shown(european.as_bytes()), wanted);
    let (_, without_sep) = european.split_once("\r\n").unwrap();
    assert_eq!(shown(format!("\u{feff}{without_sep}").as_bytes()), wanted);
}

/// What is wrong with a table.
fn said(table: &[u8]) -> Vec<String> {
    lines(&read("", &[("t.csv", table)]).1)
}

#[test]
fn what_is_no_table_is_said_at_its_place() {
    let check = |table: &[u8], wanted: &[&str]| assert_eq!(said(table), wanted);
    check(b"", &["t.csv:1:1: the table is empty"]);
    check(
        b"\xef\xbb\xbf\r\n;;;\r\n",
        &["t.csv:1:1: the table is empty"],
    );
    check(
        b"name,asset,target\nT,plc-1,coil:1\nU\xb0,",
        &["t.csv:3:2: the table is not UTF-8; save it as `CSV UTF-8`"],
    );
    check(
        b"\xff\xfen\0a\0m\0e\0",
        &["t.csv:1:1: the table is not UTF-8; save it as `CSV UTF-8`"],
    );
    check(
        b"name,asset,target\nT,plc-1,\"coil:1\nU,plc-1,coil:2\n",
        &[
            "t.csv:2:9: `1 U,plc` is no cell address; cells count from 0",
            "t.csv:2:9: the quote that opens here is never closed",
        ],
    );
    let wide = format!(
        "name,asset,target\nT,plc-1,coil:1{}x,y",
        ",".repeat(100_000)
    );
    check(
        wide.as_bytes(),
        &[
            "t.csv:2:100015: `x` stands in no column of the header; put a text that contains the separator in double quotes",
        ],
    );
}

#[test]
fn a_table_is_bounded() {
    let large = vec![b'\n'; (16 << 20) + 1];
    assert_eq!(
        said(&large),
        ["t.csv:1:1: the table is larger than 16777216 bytes"]
    );
    let long = "name,asset,target\n".to_owned() + &"T\n".repeat(200_001);
    let mut problems = Problems::default();
    let tags = read_table("t.csv", long.as_bytes(), &mut problems);
    assert_eq!(tags.len(), 200_000);
    let last = problems.into_sorted().0.pop().unwrap();
    assert_eq!(
        last.to_string(),
        "t.csv:200002:1: the table has more than 200000 lines"
    );
}

const PIECES: [&str; 16] = [
    "name", "asset", "target", "high", ",", ";", "\t", "\"", "\n", "\r\n", "\r", "T", "plc-1",
    "coil:1", "0,5", "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_table_is_read_or_refused_at_a_place_in_it(
        pieces in prop::collection::vec(0..PIECES.len(), 0..60),
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        header in any::<bool>(),
    ) {
        let pieces: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        let start = if header { "name,asset,target,high,low\n" } else { "" };
        for table in [format!("{start}{pieces}").into_bytes(), bytes] {
            let lines = table.iter().filter(|byte| b"\r\n".contains(byte)).count() + 1;
            for problem in read("", &[("t.csv", &table)]).1 {
                prop_assert!((1..=lines).contains(&usize::try_from(problem.at.line).unwrap()), "{}", problem);
                prop_assert!(problem.at.column >= 1);
            }
        }
    }

    #[test]
    fn fields_keep_their_texts_and_places(
        texts in prop::collection::vec("[a-zé\",;\n]{0,6}[a-z]", 1..6),
        quoted in any::<bool>(),
    ) {
        let mut table = "name,asset,target,text".to_owned();
        let mut wanted = Vec::new();
        for (row, text) in texts.iter().enumerate() {
            table.push('\n');
            let line = table.matches('\n').count() + 1;
            let quote = quoted || text.contains(['"', ',', '\n']);
            let field = if quote { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.clone() };
            table += &format!("é{row},plc-1,coil:1,{field}");
            wanted.push((text.trim().replace('\n', " "), line, 17));
        }
        let mut problems = Problems::default();
        let tags = read_table("t.csv", table.as_bytes(), &mut problems);
        let found: Vec<_> = tags.into_iter().map(|tag| {
            let word = tag.text.unwrap();
            (word.text, usize::try_from(word.at.line).unwrap(), word.at.column)
        }).collect();
        prop_assert_eq!(found, wanted);
        prop_assert!(!problems.is_fatal());
    }
}
