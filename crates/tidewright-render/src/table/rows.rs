//! Rows with a sentence each: beside them where there is room, else under them.

use super::NAME_WIDTH_MIN;
use crate::layout::{Align, Columns};

/// From this width on the sentence stands in the row.
const WIDE: usize = 140;

/// The widest that a name becomes beside its sentence.
const NAME_WIDTH_WIDE: usize = 56;

/// A table for one width.
pub(super) struct Rows {
    columns: Columns,
    width: usize,
}

impl Rows {
    /// Columns, and the title of the sentences.
    pub(super) fn new(
        mut header: Vec<(&'static str, Align)>,
        sentences: &'static str,
        width: usize,
    ) -> Self {
        header.extend((width >= WIDE).then_some((sentences, Align::Left)));
        Self { columns: Columns::new(header), width }
    }

    pub(super) fn row(&mut self, mut cells: Vec<String>, sentence: String) {
        if self.width >= WIDE {
            cells.push(sentence);
            self.columns.row(&cells);
        } else {
            self.columns.row_with_note(&cells, sentence);
        }
    }

    pub(super) fn render(&self) -> String {
        if self.width >= WIDE {
            self.columns.render_flowing(self.width, NAME_WIDTH_WIDE)
        } else {
            self.columns.render(self.width, NAME_WIDTH_MIN)
        }
    }
}
