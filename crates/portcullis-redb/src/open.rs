//! Opening the file, and why that may fail.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, Error, StorageError};

/// What redb keeps of the file in memory. Its own choice is a gigabyte, which a service that embeds a store
/// would not expect; here all that is asked often is in memory anyway.
const CACHE: usize = 16 * 1024 * 1024;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// One file is one store's, of one process.
    #[error("the file is in use: another process, or another store of this one, has it open")]
    InUse,
    /// The file, or its folder, cannot be read or written.
    #[error("the file cannot be opened")]
    File(#[source] io::Error),
    /// The file is no store, or is damaged.
    #[error("the file is no store of Portcullis, or is damaged")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A version of this crate wrote it that keeps things otherwise.
    #[error("the file is of format {found}, and this version reads format {expected}")]
    Format {
        /// The file's.
        found: u64,
        /// This version's.
        expected: u64,
    },
}

impl From<Error> for OpenError {
    fn from(error: Error) -> OpenError {
        match error {
            Error::DatabaseAlreadyOpen => OpenError::InUse,
            Error::Io(error) if error.kind() != io::ErrorKind::InvalidData => {
                OpenError::File(error)
            }
            error => OpenError::Damaged(Box::new(error)),
        }
    }
}

/// The database in the file, which is made where there is none.
pub(crate) fn database(path: &Path) -> Result<Database, OpenError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // It holds the claims of callers: nobody but its owner has to read it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(OpenError::File)?;
    let backend = FileBackend::new(file).map_err(Error::from)?;
    let database = builder().create_with_backend(backend).map_err(|error| match error {
        // An older file format of redb's, which no version of this crate wrote.
        DatabaseError::UpgradeRequired(_) => OpenError::Damaged(Box::new(error)),
        DatabaseError::Storage(StorageError::Io(error)) => OpenError::from(Error::Io(error)),
        error => OpenError::from(Error::from(error)),
    })?;
    name(path).map_err(OpenError::File)?;
    Ok(database)
}

/// The whole file is read when it is opened: redb may panic over a damaged one that it takes on trust, and
/// what is revoked must not be looked for in one.
pub(crate) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder
}

/// Flushes the folder, so that a loss of power does not lose the file's name and with it all that was
/// flushed into the file.
fn name(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
