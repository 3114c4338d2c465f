//! [`Fault`]: why one record cannot be read, gathered on the cold path only.

/// Path, place and cause of a record's failure. The path is filled from the inside out while the error travels up.
#[derive(Debug)]
pub(crate) struct Fault {
    path: Vec<String>,
    offset: usize,
    cause: String,
}

pub(crate) type Outcome<T = ()> = Result<T, Box<Fault>>;

impl Fault {
    #[cold]
    pub fn new(offset: usize, cause: impl Into<String>) -> Box<Fault> {
        Box::new(Fault { path: Vec::new(), offset, cause: cause.into() })
    }

    /// The same fault, seen from the enclosing field.
    #[cold]
    pub fn within(mut self: Box<Self>, field: &str) -> Box<Fault> {
        self.path.push(field.to_owned());
        self
    }

    /// Dotted path of the field, empty for the whole record.
    pub fn path(&self) -> String {
        let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
        path.join(".")
    }

    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// Text for the user; `base` is where the body starts in the payload.
    pub fn describe(&self, base: usize) -> String {
        let offset = self.offset.saturating_add(base);
        match self.path() {
            path if path.is_empty() => format!("at byte {offset}: {}", self.cause),
            path => format!("field '{path}' at byte {offset}: {}", self.cause),
        }
    }
}
