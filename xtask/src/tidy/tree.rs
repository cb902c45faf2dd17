//! The work tree as the rules see it: every file that git knows or would add, in memory.
//!
//! Ignored files are not part of it. A rule never touches the disk itself, so its test is a list of pairs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// All files by their path from the root; `None` for a file that is not text.
#[derive(Debug)]
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

/// A text file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    /// Its path from the root, with `/`.
    pub(crate) path: &'a str,
    /// What it holds.
    pub(crate) text: &'a str,
}

impl Tree {
    /// Reads the tree below `root`.
    pub(crate) fn load(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for path in listed(root)? {
            match fs::read(root.join(&path)) {
                Ok(bytes) => drop(files.insert(path, String::from_utf8(bytes).ok())),
                // A file that was deleted but is still in the index, or a link to nowhere.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { files })
    }

    /// A tree of these texts.
    #[cfg(test)]
    pub(crate) fn of(pages: &[(&str, &str)]) -> Self {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self { files: pages.iter().map(owned).collect() }
    }

    /// Every text file, sorted by path.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Page<'_>> {
        self.files.iter().filter_map(|(path, text)| {
            text.as_deref().map(|text| Page { path: path.as_str(), text })
        })
    }

    /// Every text file whose path ends so.
    pub(crate) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = Page<'a>> {
        self.pages().filter(move |page| page.path.ends_with(end))
    }

    /// The text at this path.
    pub(crate) fn page(&self, path: &str) -> Option<Page<'_>> {
        let (path, text) = self.files.get_key_value(path)?;
        Some(Page { path, text: text.as_deref()? })
    }

    /// Whether there is a file at this path, or a folder that holds one.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(folder.clone()..)
                .next()
                .is_some_and(|(p, _)| p.starts_with(&folder))
    }

    /// The folders that hold a package: `crates/*` and `xtask`, where they have a manifest.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Page<'_>> {
        self.ending("/Cargo.toml").filter(|page| {
            let folder = page.path.trim_end_matches("/Cargo.toml");
            folder == "xtask" || folder.strip_prefix("crates/").is_some_and(|f| !f.contains('/'))
        })
    }
}

/// The paths that git tracks or would add.
fn listed(root: &Path) -> io::Result<Vec<String>> {
    let output = Command::new("git")
        // The tree may belong to another user than the one who checks it, as in a container.
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"])
        .arg("--exclude-standard")
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_there_when_a_file_is_in_it() {
        let tree = Tree::of(&[("docs/a.md", ""), ("docs-old/b.md", "")]);
        assert!(tree.has("docs") && tree.has("docs/") && tree.has("docs/a.md"));
        assert!(!tree.has("doc") && !tree.has("docs/b.md"));
    }

    #[test]
    fn packages_are_the_crates_and_xtask() {
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            ("crates/a/Cargo.toml", ""),
            ("crates/a/tests/data/Cargo.toml", ""),
            ("xtask/Cargo.toml", ""),
        ]);
        let found: Vec<&str> = tree.packages().map(|page| page.path).collect();
        assert_eq!(found, ["crates/a/Cargo.toml", "xtask/Cargo.toml"]);
    }
}
