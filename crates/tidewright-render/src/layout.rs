//! Text in columns: aligned by what a terminal shows, not by bytes, so that names in any script keep their columns.
//!
//! It knows nothing of limits.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Blanks between two columns.
const GUTTER: &str = "  ";

/// Which side of a column its text leans on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells under a header; every row has as many cells as the header.
pub(crate) struct Columns {
    header: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    notes: Vec<Option<String>>,
}

impl Columns {
    pub(crate) fn new<T: Into<String>>(header: Vec<(T, Align)>) -> Self {
        let header = header.into_iter().map(|(title, align)| (title.into(), align)).collect();
        Self { header, rows: Vec::new(), notes: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.push(cells, None);
    }

    /// A row with a sentence under it.
    pub(crate) fn row_with_note(&mut self, cells: &[String], note: String) {
        self.push(cells, Some(note));
    }

    fn push(&mut self, cells: &[String], note: Option<String>) {
        self.rows.push(cells.iter().map(|cell| visible(cell)).collect());
        self.notes.push(note);
    }

    /// The rows at `width`; the first column gives way, shortened in the middle, but never below `name_min`.
    pub(crate) fn render(&self, width: usize, name_min: usize) -> String {
        let mut widths = self.widths();
        let rest: usize = widths.iter().skip(1).map(|w| w + GUTTER.len()).sum();
        widths[0] = widths[0].min(width.saturating_sub(rest).max(name_min));
        self.lines(&widths, width)
    }

    /// The rows at `width`; the last column holds sentences, which go on below where they are too long.
    pub(crate) fn render_flowing(&self, width: usize, name_max: usize) -> String {
        let mut widths = self.widths();
        widths[0] = widths[0].min(name_max);
        let last = widths.len() - 1;
        let before: usize = widths[..last].iter().map(|w| w + GUTTER.len()).sum();
        widths[last] = width.saturating_sub(before).max(name_max);
        self.lines(&widths, width)
    }

    fn lines(&self, widths: &[usize], width: usize) -> String {
        let titles: Vec<String> = self.header.iter().map(|(title, _)| title.clone()).collect();
        let mut out = self.line(&titles, widths);
        for (cells, note) in self.rows.iter().zip(&self.notes) {
            out += &self.row_lines(cells, widths);
            let lines = note.iter().flat_map(|note| wrap(note, width.saturating_sub(4).max(20)));
            out.extend(lines.map(|line| format!("    {line}\n")));
        }
        out
    }

    /// One line, and more where the last cell is wider than its column.
    fn row_lines(&self, cells: &[String], widths: &[usize]) -> String {
        let (last, others) = (cells.len() - 1, widths.len() - 1);
        let mut parts = wrap(&cells[last], widths[last]).into_iter();
        let mut first = cells.to_vec();
        first[last] = parts.next().unwrap_or_default();
        let indent: usize = widths[..others].iter().map(|w| w + GUTTER.len()).sum();
        let rest = parts.map(|part| format!("{}{part}\n", " ".repeat(indent)));
        self.line(&first, widths) + &rest.collect::<String>()
    }

    fn widths(&self) -> Vec<usize> {
        (0..self.header.len()).map(|column| self.widest(column)).collect()
    }

    fn widest(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].width());
        cells.max().unwrap_or(0).max(self.header[column].0.width())
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let padded = cells.iter().zip(widths).zip(&self.header);
        let padded = padded.map(|((cell, &width), (_, align))| pad(cell, width, *align));
        let line = padded.collect::<Vec<_>>().join(GUTTER);
        format!("{}\n", line.trim_end())
    }
}

/// The text filled up with blanks, or shortened in the middle.
pub(crate) fn pad(text: &str, width: usize, align: Align) -> String {
    let text = shorten(text, width);
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    match align {
        Align::Left => text + &blanks,
        Align::Right => blanks + &text,
    }
}

/// The text, its middle replaced by `…` where it is wider than `width`: both ends of a name tell it from others.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = fitting(text.chars(), room.div_ceil(2));
    let tail = fitting(text.chars().rev(), room / 2);
    head + "…" + &tail.chars().rev().collect::<String>()
}

/// As many of the letters as fit.
fn fitting(letters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or(0);
        used <= width
    };
    letters.take_while(fits).collect()
}

/// The text without letters that steer a terminal: names come from outside.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// The words of a text in lines of `width`; a word that is longer stands alone, a percent sign stays with its number.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = visible(&text.replace(['\r', '\n', '\t'], " ")).replace(" %", "\u{a0}%");
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shortened_in_the_middle() {
        assert_eq!(shorten("CUSTOMER_ID_1:/api/v3/list", 11), "CUSTO…/list");
        assert_eq!(shorten("short", 11), "short");
    }

    #[test]
    fn wide_letters_keep_their_columns() {
        assert_eq!(shorten("客户客户客户:/列表", 9), "客户…列表");
        assert_eq!(shorten("客户客户客户:/列表", 8), "客户…表");
        assert_eq!(pad("客户", 6, Align::Right), "  客户");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let mut columns = Columns::new(vec![("NAME", Align::Left)]);
        columns.row(&["a\u{1b}[2J\nb".to_owned()]);
        assert_eq!(columns.render(80, 8), "NAME\na\u{fffd}[2J\u{fffd}b\n");
        assert_eq!(wrap("a\u{1b}[2J\nb", 80), ["a\u{fffd}[2J b"]);
    }

    #[test]
    fn words_wrap_at_the_width() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("more 12 % of", 7), ["more", "12 % of"]);
    }

    #[test]
    fn a_long_sentence_goes_on_in_its_column() {
        let mut columns = Columns::new(vec![("NAME", Align::Left), ("WHY", Align::Left)]);
        columns.row(&["a".to_owned(), "one two three".to_owned()]);
        assert_eq!(columns.render_flowing(13, 7), "NAME  WHY\na     one two\n      three\n");
    }

    #[test]
    fn a_note_stands_under_its_row() {
        let mut columns = Columns::new(vec![("NAME", Align::Left), ("N", Align::Right)]);
        columns.row(&["a".to_owned(), "1".to_owned()]);
        columns.row_with_note(&["bb".to_owned(), "12".to_owned()], "because".to_owned());
        assert_eq!(columns.render(80, 8), "NAME   N\na      1\nbb    12\n    because\n");
    }
}
