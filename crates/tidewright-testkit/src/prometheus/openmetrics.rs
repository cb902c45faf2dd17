//! Writes samples in the text format that `promtool` back-fills from.
//!
//! The order is the caller's duty: the samples of a series together and ascending. A metric has the type `unknown`, because a
//! counter's name would have to end in `_total`, and the names that we must read do not.

use std::io::{self, Write};

/// A text of samples being written.
#[derive(Debug)]
pub struct OpenMetrics<W> {
    out: W,
    series: Vec<u8>,
    line: Vec<u8>,
}

impl<W: Write> OpenMetrics<W> {
    /// Starts a text in `out`, which should be buffered.
    pub const fn new(out: W) -> Self {
        Self { out, series: Vec::new(), line: Vec::new() }
    }

    /// Starts a series; label values are escaped here.
    pub fn series(&mut self, metric: &str, labels: &[(&str, &str)]) {
        let label = |(name, value): &(&str, &str)| {
            let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
            format!("{name}=\"{value}\"")
        };
        let labels: Vec<String> = labels.iter().map(label).collect();
        self.series = format!("{metric}{{{}}} ", labels.join(",")).into_bytes();
    }

    /// Writes a sample of the series that was started last.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub fn sample(&mut self, millis: i64, value: u64) -> io::Result<()> {
        self.line.clear();
        self.line.extend_from_slice(&self.series);
        digits(&mut self.line, value, 1);
        self.line.push(b' ');
        digits(&mut self.line, millis.unsigned_abs() / 1000, 1);
        self.line.push(b'.');
        digits(&mut self.line, millis.unsigned_abs() % 1000, 3);
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    /// Ends the text.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"# EOF\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Ten times faster than `write!` without optimisation, and there are millions of them.
fn digits(line: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut text = [b'0'; 20];
    let mut first = text.len();
    while number > 0 || text.len() - first < width {
        first -= 1;
        text[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    line.extend_from_slice(&text[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_its_samples_and_ends() {
        let mut text = OpenMetrics::new(Vec::new());
        text.series("hits", &[("path", "/a\"b")]);
        text.sample(1_500, 0).expect("memory can be written");
        text.sample(31_042, 907).expect("memory can be written");
        let text = String::from_utf8(text.finish().expect("memory can be written"));
        let expected = "hits{path=\"/a\\\"b\"} 0 1.500\nhits{path=\"/a\\\"b\"} 907 31.042\n# EOF\n";
        assert_eq!(text.as_deref(), Ok(expected));
    }
}
