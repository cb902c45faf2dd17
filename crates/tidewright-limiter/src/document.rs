//! A limiter's document: which limits it sets, and how their numbers are changed without touching another byte.
//!
//! Reading goes from the outside in: the envelope finds the limiter files, the schema reads and checks each of them, and
//! every number remembers its bytes. Writing splices digits and then reads the result back: what does not read back
//! exactly as meant is not returned.

mod align;
mod envelope;
mod insert;
mod schema;
mod source;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tidewright_core::{Limit, LimitKey, Setting};

use crate::error::{DocumentError, Fixed};
use source::Source;

/// The largest document that is read or written: Kubernetes stores no larger ConfigMap.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// A limiter's document that the limiter would load.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    entries: Vec<Entry>,
}

/// One limit of a document.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which limit.
    pub key: LimitKey,
    /// What it is set to.
    pub setting: Setting,
    /// Whether it is only counted, never enforced.
    pub shadow_mode: bool,
    /// Whether a request is refused only if all quota limits are over.
    pub quota_mode: bool,
    /// Whether all values that match its wildcard share one counter.
    pub share_threshold: bool,
    /// The line of its descriptor in the document, from 1.
    pub line: usize,
    /// Where its digits stand in the document, or why they cannot be changed.
    digits: Digits,
}

/// Where digits stand in a document, or why they cannot be changed.
type Digits = Result<Range<usize>, Fixed>;

impl Entry {
    /// Why its number cannot be changed; `None` if it can.
    pub fn fixed(&self) -> Option<Fixed> {
        self.digits.as_ref().err().copied()
    }

    /// Whether two entries say the same, wherever their digits stand.
    fn says_the_same(&self, other: &Self) -> bool {
        self.key == other.key
            && self.setting == other.setting
            && self.flags() == other.flags()
            && self.line == other.line
    }

    fn flags(&self) -> [bool; 3] {
        [self.shadow_mode, self.quota_mode, self.share_threshold]
    }
}

impl Document {
    /// Reads a Kubernetes ConfigMap (YAML or JSON, also among others in a list or a stream) or a bare limiter file.
    ///
    /// # Errors
    /// [`DocumentError`] for what the limiter would not load, and for what could not be edited without doubt.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(DocumentError::TooLarge { bytes: bytes.len() });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| DocumentError::NotText { offset: error.valid_up_to() })?;
        let source = Source::new(text);
        let mut domains = HashSet::new();
        let mut entries = Vec::new();
        for (file, root) in envelope::files(&source)? {
            entries.extend(schema::entries(&file, &root, &mut domains)?);
        }
        Ok(Self { text: text.to_owned(), entries })
    }

    /// All limits, in the order of the document.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The document with these numbers of requests per unit, every other byte as it is.
    ///
    /// # Errors
    /// [`DocumentError`] if a limit is unknown, given twice or cannot be changed in place, or the result does not read
    /// back as meant.
    pub fn with_numbers(&self, changes: &[(LimitKey, u32)]) -> Result<Vec<u8>, DocumentError> {
        let wanted = self.changed(changes)?;
        let mut text = String::with_capacity(self.text.len());
        let mut copied = 0;
        for (digits, number) in self.splices(&wanted)? {
            text.push_str(&self.text[copied..digits.start]);
            text.push_str(&number.to_string());
            copied = digits.end;
        }
        text.push_str(&self.text[copied..]);
        read_back(&text, &wanted)?;
        Ok(text.into_bytes())
    }

    /// The entries as they should read afterwards.
    fn changed(&self, changes: &[(LimitKey, u32)]) -> Result<Vec<Entry>, DocumentError> {
        let mut wanted = self.entries.clone();
        let mut by_key: HashMap<_, _> =
            self.entries.iter().enumerate().map(|(index, entry)| (&entry.key, index)).collect();
        for (key, number) in changes {
            let index = by_key.remove(key).ok_or_else(|| self.unknown(key))?;
            let entry = &mut wanted[index];
            let Setting::Limited(limit) = entry.setting else {
                return Err(fixed(entry, Fixed::NoNumber));
            };
            entry.setting = Setting::Limited(Limit { requests_per_unit: *number, ..limit });
        }
        Ok(wanted)
    }

    /// Which digits become which number, in the order of the text, only where the number differs: `0x10` stays as it is while it means 16.
    fn splices(&self, wanted: &[Entry]) -> Result<Vec<(Range<usize>, u32)>, DocumentError> {
        let mut splices = Vec::new();
        for (old, new) in self.entries.iter().zip(wanted) {
            let Setting::Limited(limit) = new.setting else { continue };
            if old.setting != new.setting {
                let digits = old.digits.clone().map_err(|why| fixed(old, why))?;
                splices.push((digits, limit.requests_per_unit));
            }
        }
        splices.sort_by_key(|(digits, _)| digits.start);
        Ok(splices)
    }

    fn unknown(&self, key: &LimitKey) -> DocumentError {
        match self.entries.iter().any(|entry| entry.key == *key) {
            true => DocumentError::ChangedTwice(key.clone()),
            false => DocumentError::UnknownLimit(key.clone()),
        }
    }
}

fn fixed(entry: &Entry, why: Fixed) -> DocumentError {
    DocumentError::Fixed { key: entry.key.clone(), line: entry.line, why }
}

fn read_back(text: &str, wanted: &[Entry]) -> Result<(), DocumentError> {
    let found = Document::parse(text.as_bytes())?.entries;
    if found.len() != wanted.len() {
        return Err(DocumentError::ReadBackCount { expected: wanted.len(), found: found.len() });
    }
    match wanted.iter().zip(&found).find(|(wanted, found)| !wanted.says_the_same(found)) {
        Some((wanted, _)) => Err(DocumentError::ReadBack(wanted.key.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
