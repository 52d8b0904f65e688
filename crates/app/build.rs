//! Embeds the console that stands built in `web/dist`, unless it was built from other sources than those in `web`: then the
//! binary is made without one and says so, here and when it serves.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest as _, Sha256};

/// What the console is made from, as `web/build/sources.ts` lists it.
const INPUTS: [&str; 8] = [
    "build",
    "index.html",
    "package-lock.json",
    "postcss.config.cjs",
    "public",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];

/// Made from the files beside it while the console is built.
const MADE_BY_THE_BUILD: &str = "src/routeTree.gen.ts";

fn main() -> io::Result<()> {
    let web = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../web");
    let embedded = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("console");
    for input in INPUTS.iter().chain(&["dist/build.json"]) {
        println!("cargo:rerun-if-changed={}", web.join(input).display());
    }
    if embedded.exists() {
        fs::remove_dir_all(&embedded)?;
    }
    fs::create_dir_all(&embedded)?;
    let wanted = hash_sources(&web)?;
    let (stamp, missing) = match built_from(&web.join("dist/build.json")) {
        None => ("", "web/dist does not hold a built console"),
        Some(sources) if sources != wanted => ("", "web/dist was built from other sources than those in web"),
        Some(_) => {
            copy(&web.join("dist"), &embedded)?;
            (wanted.as_str(), "")
        }
    };
    if !missing.is_empty() {
        println!(
            "cargo:warning=the binary is made without the console: {missing}. `npm ci && npm run build` in web makes it."
        );
    }
    println!("cargo:rustc-env=COMPTOIR_CONSOLE={stamp}");
    println!("cargo:rustc-env=COMPTOIR_CONSOLE_MISSING={missing}");
    Ok(())
}

fn built_from(stamp: &Path) -> Option<String> {
    let stamp: serde_json::Value = serde_json::from_slice(&fs::read(stamp).ok()?).ok()?;
    Some(stamp.get("sources")?.as_str()?.to_owned())
}

/// The SHA-256 over every input's path and bytes, in the order of their paths, as hexadecimal.
fn hash_sources(web: &Path) -> io::Result<String> {
    let mut paths = Vec::new();
    for input in INPUTS {
        list(web, input, &mut paths)?;
    }
    paths.sort();
    let mut hash = Sha256::new();
    for path in paths {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(fs::read(web.join(&path))?);
    }
    Ok(hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    }))
}

fn list(web: &Path, path: &str, found: &mut Vec<String>) -> io::Result<()> {
    if !web.join(path).is_dir() {
        if path != MADE_BY_THE_BUILD {
            found.push(path.to_owned());
        }
        return Ok(());
    }
    for entry in fs::read_dir(web.join(path))? {
        list(web, &format!("{path}/{}", entry?.file_name().to_string_lossy()), found)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
