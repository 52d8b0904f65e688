//! What the service and the console are made of: from where, under which licence, and nothing that is not used (spec/desk.md D-75).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Licences under which one may ship what links it, with notice alone.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    // File by file, and we change none of these files.
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What only the console's build, its fonts and its data come under.
const ALLOWED_IN_THE_CONSOLE: &[&str] = &["CC-BY-4.0", "OFL-1.1", "Python-2.0"];

/// Crates that bring their licence as a file: it was read.
const READ: &[(&str, &str)] = &[("ttf-inter", "the font Inter, under the SIL Open Font License 1.1")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether an SPDX expression (`A OR B AND (C OR D)`, older ones with a slash for `OR`) can be met by licences that `may` be used.
fn is_met(expression: &str, may: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any(&mut rest, may);
    assert!(rest.is_empty(), "{expression} is no expression of licences");
    met
}

fn any(rest: &mut &[&str], may: &dyn Fn(&str) -> bool) -> bool {
    let mut met = all(rest, may);
    while let ["OR", behind @ ..] = *rest {
        *rest = behind;
        met |= all(rest, may);
    }
    met
}

fn all(rest: &mut &[&str], may: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one(rest, may);
    while let ["AND", behind @ ..] = *rest {
        *rest = behind;
        met &= one(rest, may);
    }
    met
}

fn one(rest: &mut &[&str], may: &dyn Fn(&str) -> bool) -> bool {
    match *rest {
        ["(", behind @ ..] => {
            *rest = behind;
            let met = any(rest, may);
            assert_eq!(rest.first(), Some(&")"));
            *rest = &rest[1..];
            met
        }
        [name, "WITH", exception, behind @ ..] => {
            *rest = behind;
            may(&format!("{name} WITH {exception}"))
        }
        [name, behind @ ..] => {
            *rest = behind;
            may(name)
        }
        [] => panic!("an expression of licences ends too early"),
    }
}

#[test]
fn an_expression_of_licences_is_met_as_spdx_says() {
    let may = |name: &str| ["A", "B", "A WITH x"].contains(&name);
    for met in ["A", "C OR A", "A AND B", "C/A", "A WITH x OR C", "(C OR A) AND B", "C AND D OR A"] {
        assert!(is_met(met, &may), "{met}");
    }
    for unmet in ["C", "A AND C", "B WITH x", "(A OR B) AND C", "C OR D"] {
        assert!(!is_met(unmet, &may), "{unmet}");
    }
}

#[test]
fn d_75_every_crate_comes_from_the_registry_under_a_licence_that_may_be_shipped() {
    let metadata = metadata();
    let may = |name: &str| ALLOWED.contains(&name);
    let mut seen = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package["source"].as_str() else { continue };
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name}");
        let is_read = || READ.iter().any(|(read, _)| *read == name);
        let is_fine = package["license"].as_str().map_or_else(is_read, |expression| is_met(expression, &may));
        assert!(is_fine, "{name}: {}", package["license"]);
        seen += 1;
    }
    assert!(seen > 500, "the packages were not read: {seen}");
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let is_ours = package.get("source").is_none();
        assert!(is_ours || package["checksum"].as_str().is_some_and(|sum| sum.len() == 64), "{package:?}");
    }
}

#[test]
fn d_75_every_package_of_the_console_is_pinned_by_its_hash_under_a_licence_that_may_be_shipped() {
    let lock = fs::read_to_string(root().join("web/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let may = |name: &str| ALLOWED.contains(&name) || ALLOWED_IN_THE_CONSOLE.contains(&name);
    let mut seen = 0;
    for (place, package) in lock["packages"].as_object().unwrap() {
        if place.is_empty() {
            continue;
        }
        assert!(package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")), "{place}");
        assert!(package["license"].as_str().is_some_and(|licence| is_met(licence, &may)), "{place}: {package}");
        let from = package["resolved"].as_str();
        assert!(from.is_none_or(|from| from.starts_with("https://registry.npmjs.org/")), "{place}: {from:?}");
        seen += 1;
    }
    assert!(seen > 200, "the packages were not read: {seen}");
}

/// Dependencies that no line of ours names, each with what it is there for.
const UNNAMED: &[(&str, &str)] = &[("iban_validate", "is called iban in the code")];

#[test]
fn d_75_no_crate_of_ours_depends_on_what_it_does_not_use() {
    let mut unused = BTreeSet::new();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        let text = texts(&folder.join("src"));
        for (name, _) in manifest["dependencies"].as_table().unwrap() {
            let word = name.replace('-', "_");
            let is_used =
                [format!("{word}::"), format!("use {word};"), format!("{word}!(")].iter().any(|way| text.contains(way));
            seen += 1;
            if !is_used && !UNNAMED.iter().any(|(known, _)| known == name) {
                unused.insert(format!("{} → {name}", folder.file_name().unwrap().display()));
            }
        }
    }
    assert!(seen > 100, "the manifests were not read: {seen}");
    assert_eq!(unused, BTreeSet::new());
}

fn texts(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&texts(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    text
}
