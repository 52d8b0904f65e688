//! The shape of the house, read from its text.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors of the architecture: a crate calls only what stands below it.
const FLOORS: &[(&str, u8)] = &[
    ("kernel", 0),
    ("platform", 1),
    ("parties", 2),
    ("catalog", 2),
    ("einvoice", 2),
    ("statements", 2),
    ("ledger", 3),
    ("billing", 4),
    ("leads", 5),
    ("app", 6),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![crates()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path.components().any(|c| c.as_os_str() == "src")
            {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(crates()).unwrap().to_owned(), text));
            }
        }
    }
    found
}

#[test]
fn no_edge_of_the_workspace_goes_up_or_sideways() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    let mut seen = 0;
    for entry in fs::read_dir(crates()).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let floor = floors.get(name.as_str()).unwrap_or_else(|| panic!("{name} stands on no floor"));
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        for (dependency, _) in manifest["dependencies"].as_table().unwrap() {
            if let Some(below) = floors.get(dependency.as_str()) {
                assert!(below < floor, "{name} (floor {floor}) depends on {dependency} (floor {below})");
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "the graph was not read");
}

#[test]
fn no_module_but_the_platform_sees_the_pool() {
    let offenders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| text.contains("PgPool") && !path.starts_with("platform") && !path.starts_with("app"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

#[test]
fn above_the_platform_sql_stands_in_stores_only() {
    let is_store = |path: &Path| {
        path.file_name().is_some_and(|name| name == "store.rs") || path.components().any(|c| c.as_os_str() == "store")
    };
    let has_sql = |text: &str| {
        ["sqlx::query", "query_as!", "query_scalar!", "query_file!", "raw_sql"].iter().any(|call| text.contains(call))
    };
    let offenders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("platform") && !path.starts_with("kernel") && !path.starts_with("app"))
        .filter(|(path, text)| has_sql(text) && !is_store(path) && path != Path::new("leads/src/routing/assign.rs"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

#[test]
fn no_file_is_longer_than_five_hundred_lines_before_its_tests() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .collect();
    assert_eq!(long, Vec::new());
}

/// A GET changes nothing: it opens a transaction that cannot write, unless what it does is to be told (a download).
#[test]
fn a_handler_of_get_opens_a_transaction_that_cannot_write() {
    let mut read = 0;
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        for handler in text.split("#[utoipa::path(").skip(1).filter(|handler| handler.trim_start().starts_with("get,"))
        {
            let body = handler.split("\n}\n").next().unwrap_or_default();
            read += usize::from(body.contains(".read()"));
            if body.contains(".begin()") && !body.contains("emit(") {
                offenders.push((path.clone(), body.lines().nth(1).unwrap_or_default().to_owned()));
            }
        }
    }
    assert!(read > 30, "the handlers were not read");
    assert_eq!(offenders, Vec::new());
}

/// The API's schemas bear the names of their types, and of two with one name the document would keep only one.
#[test]
fn no_two_types_of_the_api_share_a_name() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, text) in sources() {
        let mut is_schema = false;
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with("#[derive(") {
                is_schema = line.contains("ToSchema");
            } else if is_schema && !line.starts_with("#[") {
                let words: Vec<_> = line.split(|c: char| !c.is_alphanumeric()).collect();
                let name = words.iter().skip_while(|word| !matches!(**word, "struct" | "enum")).nth(1);
                places
                    .entry((*name.unwrap_or_else(|| panic!("{}: {line}", path.display()))).to_owned())
                    .or_default()
                    .push(path.clone());
                is_schema = false;
            }
        }
    }
    assert!(places.len() > 100, "the types were not read");
    // Names that a macro is given are told apart by who calls it.
    places.retain(|name, found| found.len() > 1 && !name.is_empty());
    assert_eq!(places, BTreeMap::new());
}
