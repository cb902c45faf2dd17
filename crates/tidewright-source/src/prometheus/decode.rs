//! Decodes the `matrix` answer of a range query while it arrives, straight into columns.
//!
//! The rule: nothing is kept but the series that is being read and the piece that the last chunk of bytes cut through.
//! Every answer either decodes whole or is an error; where the bytes were cut into chunks makes no difference. It knows
//! one grid of moments: a point off that grid, out of order or given twice is an error that names its series. It does
//! not know the network, and it does not decide what a series means: that is the [`MatrixSink`]'s part.

mod cursor;
mod error;
mod labels;

use tidewright_core::{Grid, Timestamp};

use self::cursor::{Cursor, Sample, Stop};
pub use self::error::DecodeError;
pub use self::labels::Labels;

/// The longest piece (a label, a warning, a number) that is waited for; real ones are below a few hundred bytes, and
/// without an end an endless string would fill the memory.
const PIECE_BYTES_MAX: usize = 1 << 20;

/// Warnings that are kept of one answer: enough for a person, bounded for a faulty server.
const NOTES_MAX: usize = 20;

/// How remarks on the query itself begin. Any other warning tells of data that could not be had.
const ANNOTATION: &str = "PromQL ";

/// What is said of an answer that says of itself that it is partial, and no more.
const PARTIAL: &str = "the server marks it as partial";

/// How much of a strange answer an error quotes.
const QUOTED_CHARS_MAX: usize = 60;

/// Who takes the series of an answer.
pub trait MatrixSink {
    /// Takes one series: its labels, and one value per moment of the grid, NaN where there is none.
    ///
    /// # Errors
    /// A [`DecodeError`] ends the decoding.
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError>;
}

/// What stood beside the series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Warnings and remarks of the server.
    pub warnings: Vec<String>,
    /// Points that were infinite and were read as gaps.
    pub infinite: u64,
    /// Why the answer is not whole, where the server says so.
    pub partial: Option<String>,
}

/// Decodes one answer that comes in pieces.
#[derive(Debug)]
pub struct MatrixDecoder {
    grid: Grid,
    place: Place,
    // Whether the next element of the open array or object needs a comma before it.
    between: bool,
    // The piece that the end of the last chunk cut through.
    rest: Vec<u8>,
    bytes: u64,
    labels: Labels,
    values: Vec<f64>,
    // The first step that the open series may still fill.
    next: usize,
    header: Header,
    notes: Notes,
}

/// What the answer says of itself.
#[derive(Debug, Default)]
struct Header {
    status: String,
    error: String,
    kind: String,
    has_result: bool,
}

/// Where in the answer the decoder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Top,
    Data,
    Results,
    Series,
    Labels,
    Points,
    Warnings,
    Skip { depth: u32, outer: Outer },
    End,
}

/// The object whose unknown member is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outer {
    Top,
    Data,
    Series,
}

/// Why decoding pauses or ends.
enum Halt {
    Stop(Stop),
    Error(DecodeError),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl MatrixDecoder {
    /// A decoder for the answer to a query at the moments of `grid`.
    pub fn new(grid: Grid) -> Self {
        Self {
            grid,
            place: Place::Start,
            between: false,
            rest: Vec::new(),
            bytes: 0,
            labels: Labels::default(),
            values: vec![f64::NAN; grid.len()],
            next: 0,
            header: Header::default(),
            notes: Notes::default(),
        }
    }

    /// Takes the next bytes of the answer and gives each series that they complete to `sink`.
    ///
    /// # Errors
    /// [`DecodeError`] as soon as the answer is seen to be wrong; the decoder is of no use afterwards.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn MatrixSink) -> Result<(), DecodeError> {
        self.bytes += bytes.len() as u64;
        if self.rest.is_empty() {
            let read = self.read(bytes, sink)?;
            self.rest.extend_from_slice(&bytes[read..]);
            return self.check_rest();
        }
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let read = self.read(&rest, sink)?;
        rest.drain(..read);
        self.rest = rest;
        self.check_rest()
    }

    /// The answer is over: what stood beside the series.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not whole, is no matrix or tells of a failure.
    pub fn finish(self) -> Result<Notes, DecodeError> {
        let Header { status, error, kind, has_result } = self.header;
        if self.place != Place::End {
            return Err(DecodeError::Truncated { bytes: self.bytes });
        }
        if status != "success" {
            return Err(DecodeError::Failed(if error.is_empty() { status } else { error }));
        }
        if !has_result {
            return Err(DecodeError::NoResult);
        }
        if kind != "matrix" { Err(DecodeError::NotMatrix(kind)) } else { Ok(self.notes) }
    }

    fn check_rest(&self) -> Result<(), DecodeError> {
        if self.rest.len() <= PIECE_BYTES_MAX {
            return Ok(());
        }
        Err(self.shape(&self.rest, 0))
    }

    fn shape(&self, bytes: &[u8], at: usize) -> DecodeError {
        let near = String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 4 * QUOTED_CHARS_MAX)]);
        let behind = (bytes.len() - at) as u64;
        DecodeError::Shape {
            at: self.bytes.saturating_sub(behind),
            near: near.chars().take(QUOTED_CHARS_MAX).collect(),
        }
    }

    /// Reads as many whole pieces as there are; returns how many bytes they were.
    fn read(&mut self, bytes: &[u8], sink: &mut dyn MatrixSink) -> Result<usize, DecodeError> {
        let mut cursor = Cursor::new(bytes);
        loop {
            cursor.set_mark();
            match self.piece(&mut cursor, sink) {
                Ok(()) => {}
                Err(Halt::Stop(Stop::Incomplete)) => return Ok(cursor.mark()),
                Err(Halt::Stop(Stop::Unexpected)) => return Err(self.shape(bytes, cursor.mark())),
                Err(Halt::Error(error)) => return Err(error),
            }
        }
    }

    /// Reads one piece. Nothing of `self` changes before the piece is known to be whole.
    fn piece(&mut self, cursor: &mut Cursor<'_>, sink: &mut dyn MatrixSink) -> Result<(), Halt> {
        match self.place {
            Place::Start => {
                cursor.expect(b'{')?;
                self.open(Place::Top);
            }
            Place::Top => self.top(cursor)?,
            Place::Data => self.data(cursor)?,
            Place::Results => self.result(cursor)?,
            Place::Series => self.series(cursor, sink)?,
            Place::Labels => self.label(cursor)?,
            Place::Points => self.points(cursor)?,
            Place::Warnings => self.warning(cursor)?,
            Place::Skip { depth, outer } => self.skip(cursor, depth, outer)?,
            Place::End => {
                // Nothing but white space may follow: `peek` answers `Incomplete` where it finds nothing else.
                cursor.peek()?;
                return Err(Stop::Unexpected.into());
            }
        }
        Ok(())
    }

    fn open(&mut self, place: Place) {
        self.place = place;
        self.between = false;
    }

    /// An array or object is over, and with it an element of the one around it.
    fn close(&mut self, outer: Place) {
        self.place = outer;
        self.between = true;
    }

    /// Moves to the next element of what is open; `false` where `end` stands instead.
    #[inline]
    fn element(&self, cursor: &mut Cursor<'_>, end: u8) -> Result<bool, Stop> {
        if cursor.peek()? == end {
            cursor.expect(end)?;
            return Ok(false);
        }
        if self.between {
            cursor.expect(b',')?;
        }
        Ok(true)
    }

    fn top(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        if !self.element(cursor, b'}')? {
            self.close(Place::End);
            return Ok(());
        }
        let name = cursor.string()?;
        cursor.expect(b':')?;
        match (name.as_ref(), cursor.peek()?) {
            ("status", b'"') => self.header.status = cursor.string()?.into_owned(),
            ("error", b'"') => self.header.error = cursor.string()?.into_owned(),
            ("data", b'{') => return self.enter(cursor, Place::Data),
            ("warnings" | "infos", b'[') => return self.enter(cursor, Place::Warnings),
            ("isPartial", b't') => {
                // VictoriaMetrics' way of saying it.
                cursor.skip_scalar()?;
                self.notes.partial.get_or_insert_with(|| PARTIAL.to_owned());
            }
            _ => return self.pass(Outer::Top),
        }
        self.between = true;
        Ok(())
    }

    fn data(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        if !self.element(cursor, b'}')? {
            self.close(Place::Top);
            return Ok(());
        }
        let name = cursor.string()?;
        cursor.expect(b':')?;
        match (name.as_ref(), cursor.peek()?) {
            ("resultType", b'"') => {
                let kind = cursor.string()?.into_owned();
                if kind != "matrix" {
                    return Err(Halt::Error(DecodeError::NotMatrix(kind)));
                }
                self.header.kind = kind;
            }
            ("result", b'[') => {
                self.header.has_result = true;
                return self.enter(cursor, Place::Results);
            }
            ("result", _) => {
                // Some servers write `null` for an empty result.
                cursor.skip_scalar()?;
                self.header.has_result = true;
            }
            _ => return self.pass(Outer::Data),
        }
        self.between = true;
        Ok(())
    }

    fn result(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        if !self.element(cursor, b']')? {
            self.close(Place::Data);
            return Ok(());
        }
        self.enter(cursor, Place::Series)?;
        self.labels.clear();
        self.values.fill(f64::NAN);
        self.next = 0;
        Ok(())
    }

    fn series(&mut self, cursor: &mut Cursor<'_>, sink: &mut dyn MatrixSink) -> Result<(), Halt> {
        if !self.element(cursor, b'}')? {
            self.close(Place::Results);
            return sink.take(&self.labels, &self.values).map_err(Halt::Error);
        }
        let name = cursor.string()?;
        cursor.expect(b':')?;
        match (name.as_ref(), cursor.peek()?) {
            ("metric", b'{') => self.enter(cursor, Place::Labels),
            ("values", b'[') => self.enter(cursor, Place::Points),
            _ => self.pass(Outer::Series),
        }
    }

    fn label(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        if !self.element(cursor, b'}')? {
            self.close(Place::Series);
            return Ok(());
        }
        let name = cursor.string()?;
        cursor.expect(b':')?;
        let value = cursor.string()?;
        self.labels.push(&name, &value);
        self.between = true;
        Ok(())
    }

    /// The hot loop: all points that are in sight.
    fn points(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        while self.element(cursor, b']')? {
            let sample = cursor.sample()?;
            self.store(sample)?;
            self.between = true;
            cursor.set_mark();
        }
        self.close(Place::Series);
        Ok(())
    }

    #[inline]
    fn store(&mut self, Sample { millis, value }: Sample) -> Result<(), Halt> {
        let at = Timestamp::from_millis(millis);
        // Most points come without a gap before them, and a comparison is far cheaper than a division.
        let step = if at == self.grid.timestamp(self.next) && self.next < self.grid.len() {
            self.next
        } else {
            self.step_of(at).map_err(Halt::Error)?
        };
        if value.is_infinite() {
            self.notes.infinite += 1;
        } else {
            self.values[step] = value;
        }
        self.next = step + 1;
        Ok(())
    }

    fn step_of(&self, at: Timestamp) -> Result<usize, DecodeError> {
        let step = self.grid.index_of(at).filter(|&step| self.grid.timestamp(step) == at);
        let series = || self.labels.to_string();
        let step = step.ok_or_else(|| DecodeError::OffGrid { series: series(), at })?;
        if step < self.next { Err(DecodeError::Order { series: series(), at }) } else { Ok(step) }
    }

    fn warning(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        if !self.element(cursor, b']')? {
            self.close(Place::Top);
            return Ok(());
        }
        let warning = cursor.string()?;
        if !warning.starts_with(ANNOTATION) {
            self.notes.partial.get_or_insert_with(|| warning.clone().into_owned());
        }
        if self.notes.warnings.len() < NOTES_MAX {
            self.notes.warnings.push(warning.into_owned());
        }
        self.between = true;
        Ok(())
    }

    /// Goes into the array or object that begins here.
    fn enter(&mut self, cursor: &mut Cursor<'_>, place: Place) -> Result<(), Halt> {
        let bracket = if matches!(place, Place::Points | Place::Results | Place::Warnings) {
            b'['
        } else {
            b'{'
        };
        cursor.expect(bracket)?;
        self.open(place);
        Ok(())
    }

    /// Passes over the value that begins here.
    const fn pass(&mut self, outer: Outer) -> Result<(), Halt> {
        self.place = Place::Skip { depth: 0, outer };
        Ok(())
    }

    fn skip(&mut self, cursor: &mut Cursor<'_>, depth: u32, outer: Outer) -> Result<(), Halt> {
        let depth = match cursor.peek()? {
            b'"' => {
                cursor.raw_string()?;
                depth
            }
            b'{' | b'[' => {
                cursor.take()?;
                depth.saturating_add(1)
            }
            b'}' | b']' if depth > 0 => {
                cursor.take()?;
                depth - 1
            }
            b',' | b':' if depth > 0 => {
                cursor.take()?;
                depth
            }
            _ => {
                cursor.skip_scalar()?;
                depth
            }
        };
        if depth > 0 {
            self.place = Place::Skip { depth, outer };
        } else {
            self.close(outer.place());
        }
        Ok(())
    }
}

impl Outer {
    const fn place(self) -> Place {
        match self {
            Self::Top => Place::Top,
            Self::Data => Place::Data,
            Self::Series => Place::Series,
        }
    }
}

#[cfg(test)]
mod tests;
