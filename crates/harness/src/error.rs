//! One error type for the whole crate: a sentence for the person at the terminal.

use std::fmt;

/// What went wrong, in words.
#[derive(Debug)]
pub struct Error(String);

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error out of a sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Error(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error(error.to_string())
    }
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Error(error.to_string())
    }
}

/// Adds to an I/O error the path it is about, which `std` leaves out.
pub fn at<T>(path: &std::path::Path, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|error| Error(format!("{}: {error}", path.display())))
}
