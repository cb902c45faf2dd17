//! Tables of plain text: the first column to the left, numbers to the right.

/// Rows under a head, each column as wide as its widest cell.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    [&head].into_iter().chain(rows).map(line).collect()
}

/// `12,345`.
pub(crate) fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let comma = |(place, digit): (usize, char)| {
        let left = digits.len() - place;
        let comma = (place > 0 && left.is_multiple_of(3)).then_some(',');
        comma.into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(comma).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        assert_eq!([7, 1550, 12_345_678].map(thousands), ["7", "1,550", "12,345,678"]);
    }

    #[test]
    fn numbers_stand_at_the_right() {
        let rows = [["a", "1"], ["long name", "200"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&["rule", "n"], &rows),
            "rule         n\na            1\nlong name  200\n"
        );
    }
}
