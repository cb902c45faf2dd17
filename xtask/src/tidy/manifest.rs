//! Reads the part of a `Cargo.toml` that the arrows need: the package's name and the names it depends on.
//!
//! It follows the lines that cargo's own manifests consist of. It is no TOML parser: what it cannot read it does not
//! guess, and renamed dependencies, which would hide a name, are refused by the arrows.

/// When a dependency is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the product.
    Normal,
    /// In tests and benchmarks.
    Dev,
    /// In a build script.
    Build,
}

/// One dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package.
    pub(crate) name: String,
    /// When it is used.
    pub(crate) kind: Kind,
    /// Where it stands, counted from 1.
    pub(crate) line: usize,
}

/// What the arrows need to know of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The package's name.
    pub(crate) name: String,
    /// Its dependencies, in the order of the file.
    pub(crate) dependencies: Vec<Dependency>,
    /// Whether it takes the workspace's lints.
    pub(crate) has_house_lints: bool,
    /// The lines that rename a dependency.
    pub(crate) renames: Vec<usize>,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut section = String::new();
        let mut depth = 0_usize;
        for (index, raw) in text.lines().enumerate() {
            let line = raw.split('#').next().unwrap_or_default().trim();
            if depth == 0 && line.starts_with('[') {
                section = line.trim_matches(['[', ']']).to_owned();
                manifest.take_section(&section, index + 1);
                continue;
            }
            if depth == 0 {
                manifest.take_line(&section, line, index + 1);
            }
            depth = (depth + line.matches(['[', '{']).count())
                .saturating_sub(line.matches([']', '}']).count());
        }
        manifest
    }

    /// `[dependencies.foo]` names its dependency in the header.
    fn take_section(&mut self, section: &str, line: usize) {
        if let Some((kind, Some(name))) = dependencies(section) {
            self.dependencies.push(Dependency { name: name.to_owned(), kind, line });
        }
    }

    fn take_line(&mut self, section: &str, line: &str, number: usize) {
        let Some((key, value)) = line.split_once('=') else { return };
        let (key, value) = (key.trim(), value.trim());
        match dependencies(section) {
            Some((kind, None)) => {
                let name = key.split('.').next().unwrap_or(key).trim_matches('"').to_owned();
                self.dependencies.push(Dependency { name, kind, line: number });
                if value.contains("package") {
                    self.renames.push(number);
                }
            }
            Some((_, Some(_))) if key == "package" => self.renames.push(number),
            _ if section == "package" && key == "name" => {
                value.trim_matches('"').clone_into(&mut self.name);
            }
            _ if section == "lints" && key == "workspace" => {
                self.has_house_lints = value == "true";
            }
            _ => {}
        }
    }
}

/// What a section lists: `dev-dependencies`, `target.'cfg(unix)'.dependencies`, `dependencies.foo`.
fn dependencies(section: &str) -> Option<(Kind, Option<&str>)> {
    let (before, after) = section.rsplit_once("dependencies")?;
    let kind = match before {
        _ if before.ends_with("dev-") => Kind::Dev,
        _ if before.ends_with("build-") => Kind::Build,
        _ => Kind::Normal,
    };
    Some((kind, after.strip_prefix('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, Kind, usize)> {
        let found = Manifest::parse(text).dependencies;
        found.into_iter().map(|d| (d.name, d.kind, d.line)).collect()
    }

    #[test]
    fn every_way_to_write_a_dependency_is_read() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nc = \"1\" # why\n\
                    d = { version = \"1\", features = [\n  \"x=y\",\n] }\n[dev-dependencies]\ne = \"1\"\n\
                    [build-dependencies.f]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\ng = \"1\"\n";
        let expected = [
            ("b", Kind::Normal, 4),
            ("c", Kind::Normal, 5),
            ("d", Kind::Normal, 6),
            ("e", Kind::Dev, 10),
            ("f", Kind::Build, 11),
            ("g", Kind::Normal, 14),
        ];
        let expected = expected.map(|(name, kind, line)| (name.to_owned(), kind, line));
        assert_eq!(names(text), expected);
        assert_eq!(Manifest::parse(text).name, "a");
    }

    #[test]
    fn a_renamed_dependency_is_noticed_in_both_forms() {
        let inline = "[dependencies]\nweb = { package = \"reqwest\", version = \"1\" }\n";
        assert_eq!(Manifest::parse(inline).renames, [2]);
        let table = "[dependencies.web]\npackage = \"reqwest\"\n";
        assert_eq!(Manifest::parse(table).renames, [2]);
    }

    #[test]
    fn the_house_lints_are_seen() {
        assert!(Manifest::parse("[lints]\nworkspace = true\n").has_house_lints);
        assert!(!Manifest::parse("[package]\nname = \"a\"\n").has_house_lints);
    }
}
