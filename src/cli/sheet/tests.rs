#![allow(clippy::unwrap_used)]
use super::*;

const COLUMNS: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("vcpus", "vcpus"),
    Column::hidden("id"),
    Column::shown("tags", "tags"),
];

fn rows() -> Vec<Vec<Cell>> {
    vec![
        vec![
            Cell::text("web01"),
            Cell::Count(2),
            Cell::text("a"),
            Cell::list(["web", "db"]),
        ],
        vec![
            Cell::text("Ü\u{1b}[2J,\u{202e}\""),
            Cell::Count(16),
            Cell::text("b"),
            Cell::list::<&str>([]),
        ],
    ]
}

fn written(format: Format, titles: bool, rows: &[Vec<Cell>]) -> String {
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, format, COLUMNS, titles);
    writer.write(rows).unwrap();
    writer.end().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_table_is_aligned_and_has_titles_on_a_terminal() {
    let text = written(Format::Table, true, &rows());
    assert_eq!(
        text,
        "NAME    VCPUS  TAGS\nweb01       2  web,db\nÜ[2J,\"     16  -\n"
    );
    let text = written(Format::Table, false, &rows());
    assert_eq!(text, "web01    2  web,db\nÜ[2J,\"  16  -\n");
}

#[test]
fn json_is_one_list_of_objects() {
    let list: Value = serde_json::from_str(&written(Format::Json, true, &rows())).unwrap();
    assert_eq!(list[0]["tags"], serde_json::json!(["web", "db"]));
    assert_eq!(list[1]["name"], "Ü[2J,\"");
    assert_eq!(list[1]["vcpus"], 16);
    let none: Value = serde_json::from_str(&written(Format::Json, true, &[])).unwrap();
    assert_eq!(none, serde_json::json!([]));
}

#[test]
fn json_lines_are_objects_of_their_own() {
    let text = written(Format::JsonLines, true, &rows());
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["id"], "a");
}

#[test]
fn csv_is_quoted_and_holds_no_formula() {
    let text = written(Format::Csv, false, &rows());
    assert_eq!(
        text,
        "name,vcpus,id,tags\r\nweb01,2,a,web db\r\n\"Ü[2J,\"\"\",16,b,\r\n"
    );
    let formula = vec![vec![
        Cell::text("=1+1"),
        Cell::None,
        Cell::text("-5"),
        Cell::None,
    ]];
    assert!(written(Format::Csv, false, &formula).ends_with("'=1+1,,-5,\r\n"));
}

#[test]
fn memory_reads_like_memory() {
    assert_eq!(memory(512), "512KiB");
    assert_eq!(memory(1 << 19), "512MiB");
    assert_eq!(memory((1 << 22) + (1 << 19)), "4.5GiB");
}
