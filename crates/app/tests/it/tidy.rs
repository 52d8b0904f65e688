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
    ("watch", 2),
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
fn t_15_no_module_but_the_platform_sees_the_pool_and_no_request_the_owner() {
    let is_request = |path: &Path| {
        !path.starts_with("app")
            || ["http", "reports"].iter().any(|part| path.starts_with(Path::new("app/src").join(part)))
    };
    let offenders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| is_request(path) && (text.contains(".owner()") || text.contains("owner_options")))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(offenders, Vec::<PathBuf>::new());
    let offenders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| text.contains("PgPool") && !path.starts_with("platform") && !path.starts_with("app"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

/// What leaves the house goes through the one guard (spec/desk.md D-23).
#[test]
fn d_23_nothing_but_the_egress_makes_an_outgoing_request() {
    let client = ["reqwest", "hyper_util::client", "hyper::client", "ureq::"];
    let users: Vec<_> =
        sources().into_iter().filter(|(_, text)| client.iter().any(|name| text.contains(name))).collect();
    let (inside, outside): (Vec<_>, Vec<_>) =
        users.into_iter().map(|(path, _)| path).partition(|path| path.starts_with("platform/src/egress"));
    assert_eq!(outside, Vec::<PathBuf>::new());
    assert!(!inside.is_empty(), "the sources were not read");
    for entry in fs::read_dir(crates()).unwrap() {
        let folder = entry.unwrap().path();
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        let depends = manifest["dependencies"].as_table().unwrap().contains_key("reqwest");
        assert_eq!(depends, folder.ends_with("platform"), "{}", folder.display());
    }
}

/// One writer of cookies, which cannot write one without `Secure` (spec/desk.md D-01).
#[test]
fn d_01_nothing_but_the_one_writer_sets_a_cookie() {
    let setters = ["SET_COOKIE", "set-cookie", "Set-Cookie", "Cookie::build", "Cookie::new"];
    let writers: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| {
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            setters.iter().any(|name| code.contains(name))
        })
        .map(|(path, _)| path)
        .collect();
    assert_eq!(writers, [PathBuf::from("platform/src/http/cookie.rs")]);
    let writer = fs::read_to_string(crates().join("platform/src/http/cookie.rs")).unwrap();
    assert!(writer.contains("; Secure; HttpOnly; SameSite=Lax\")"), "whatever it is given");
}

#[test]
fn d_55_no_handler_has_a_statement_of_its_own() {
    let is_handler = |path: &Path| {
        path.file_name().is_some_and(|name| name == "http.rs")
            || path.components().any(|part| part.as_os_str() == "http")
    };
    let handlers: Vec<_> = sources().into_iter().filter(|(path, _)| is_handler(path)).collect();
    assert!(handlers.len() > 30, "the handlers were not read");
    let offenders: Vec<_> = handlers
        .into_iter()
        .filter(|(_, text)| text.contains("sqlx::query") || text.contains("raw_sql"))
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

/// The versions that the tools read agree, the preflight knows them, and the readme says them.
#[test]
fn t_08_the_toolchain_is_pinned_and_the_preflight_tells_where_a_machine_differs() {
    let root = crates().parent().unwrap().to_owned();
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let toolchain: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let (pinned, least) = (
        toolchain["toolchain"]["channel"].as_str().unwrap(),
        manifest["workspace"]["package"]["rust-version"].as_str().unwrap(),
    );
    assert!(pinned.starts_with(&format!("{least}.")), "{pinned} and {least}");
    let node = read(".nvmrc").trim().to_owned();
    let console: serde_json::Value = serde_json::from_str(&read("web/package.json")).unwrap();
    assert_eq!(console["engines"]["node"], format!(">={node}"));
    assert!(
        read("README.md").contains(&format!("Node {node}")) && read("script/lib.sh").contains(&format!("Node {node}"))
    );
    let preflight = |path: &str, strict: &[&str]| {
        let mut command = std::process::Command::new(root.join("script/preflight"));
        command.args(strict).env("PATH", path).output().unwrap()
    };
    let whole = std::env::var("PATH").unwrap();
    assert!(preflight(&whole, &["--strict"]).status.success());
    // Bash and the tools of the script, and nothing else.
    let bare = tempfile::tempdir().unwrap();
    for tool in ["bash", "dirname", "basename", "sed", "cut", "tr", "sort", "readlink", "cat"] {
        let found = std::env::split_paths(&whole).map(|dir| dir.join(tool)).find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(found, bare.path().join(tool)).unwrap();
    }
    let bare = bare.path().to_str().unwrap();
    let (warned, refused) = (preflight(bare, &[]), preflight(bare, &["--strict"]));
    assert!(warned.status.success() && !refused.status.success());
    for told in [warned, refused] {
        let told = String::from_utf8(told.stderr).unwrap();
        assert!(told.contains(&format!("Rust {pinned} is wanted")) && told.contains(&format!("Node {node}")), "{told}");
    }
}

/// What a member may is asked by permission; that one role stands above all is decided in one place.
#[test]
fn d_33_no_role_is_compared_where_a_permission_decides() {
    let compares = |text: &str| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        [
            "== Role::SuperAdmin",
            "!= Role::SuperAdmin",
            "== Some(Role::",
            "!= Some(Role::",
            "Role::Admin =>",
            "Role::Viewer =>",
        ]
        .iter()
        .any(|way| code.contains(way))
    };
    let offenders: Vec<_> = sources().into_iter().filter(|(_, text)| compares(text)).map(|(path, _)| path).collect();
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

/// Money and stock are decimals from the request to the column.
#[test]
fn t_31_what_keeps_money_knows_no_floating_point() {
    let keepers = ["kernel", "catalog", "ledger", "billing"];
    let offenders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| keepers.iter().any(|keeper| path.starts_with(keeper)))
        .filter(|(_, text)| text.contains("f64") || text.contains("f32"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

/// The schema is proven when the service starts; nobody asks later whether a column is there. Who looks into the catalogue are the check
/// of the schema itself, what distributes it, the audit, the doctor and the backup.
#[test]
fn t_11_nobody_asks_whether_a_column_exists() {
    let may = [
        "platform/src/schema",
        "platform/src/schema.rs",
        "platform/src/db.rs",
        "platform/src/check",
        "platform/src/backup",
        "app/src/doctor",
        "app/src/backup",
    ];
    let offenders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| !may.iter().any(|place| path.starts_with(place)))
        .filter(|(_, text)| {
            ["information_schema", "pg_attribute", "pg_class", "to_regclass"].iter().any(|word| text.contains(word))
        })
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

/// What a handler reads of a body stands in the document.
#[test]
fn a_handler_that_reads_a_body_says_so() {
    let mut offenders = Vec::new();
    let mut read = 0;
    for (path, text) in sources() {
        for handler in text.split("#[utoipa::path(").skip(1) {
            let head = handler.split("-> ").next().unwrap_or_default();
            let reads = head.contains(": Json<") || head.contains("Request<Body>");
            read += usize::from(reads);
            if reads && !head.contains("request_body") {
                offenders.push((path.clone(), head.lines().nth(1).unwrap_or_default().to_owned()));
            }
        }
    }
    assert!(read > 50, "the handlers were not read: {read}");
    assert_eq!(offenders, Vec::new());
}

/// A result that nobody looks at is a warning, and warnings fail the build.
#[test]
fn d_73_an_unused_result_fails_the_build() {
    let root = crates().parent().unwrap().to_owned();
    let checks = fs::read_to_string(root.join("script/test")).unwrap();
    assert!(checks.contains("clippy --locked --workspace --all-targets -- -D warnings"), "{checks}");
    for entry in fs::read_dir(crates()).unwrap() {
        let manifest = entry.unwrap().path().join("Cargo.toml");
        let text: toml::Table = fs::read_to_string(&manifest).unwrap().parse().unwrap();
        assert_eq!(text["lints"]["workspace"].as_bool(), Some(true), "{}", manifest.display());
    }
    let lenient: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| text.contains("allow(unused") || text.contains("allow(warnings"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(lenient, Vec::<PathBuf>::new());
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
