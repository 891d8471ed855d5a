//! A new folder of files, whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::Failure;

/// A file to be written: its name in the folder, and its text.
pub(crate) type File<'a> = (&'a str, &'a str);

/// Writes files into a folder that is new or empty; the paths that they have then. Nothing is ever
/// overwritten, and after a failure nothing is there that was not there before.
pub(crate) fn write_new(folder: &Path, files: &[File<'_>]) -> Result<Vec<PathBuf>, Failure> {
    let said = |why: &dyn std::fmt::Display| Failure::Said(format!("{}: {why}", folder.display()));
    match std::fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => into_empty(folder, files).map_err(|why| said(&why))?,
            Some(_) => {
                return Err(said(&"the folder is not empty; name a new or an empty one"));
            }
        },
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            // A link that leads nowhere is something, too.
            if std::fs::symlink_metadata(folder).is_ok() {
                return Err(said(&"this is a link that leads nowhere"));
            }
            as_new(folder, files).map_err(|why| said(&why))?;
        }
        Err(why) if why.kind() == std::io::ErrorKind::NotADirectory => {
            return Err(said(&"this is a file; name a new or an empty folder"));
        }
        Err(why) => return Err(said(&why)),
    }
    Ok(files.iter().map(|(name, _)| folder.join(name)).collect())
}

/// An error of the crate names a file that nobody has heard of.
fn unnamed(why: std::io::Error) -> std::io::Error {
    why.kind().into()
}

/// The folder comes to be with all its files in one step.
fn as_new(folder: &Path, files: &[File<'_>]) -> std::io::Result<()> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent)?;
    let mut builder = Builder::new();
    let staged = open_to_others(builder.prefix(".portcullis-"), 0o777)
        .tempdir_in(parent)
        .map_err(unnamed)?;
    for (name, text) in files {
        std::fs::write(staged.path().join(name), text)?;
    }
    std::fs::rename(staged.path(), folder)
}

/// The folder may be the current one, or a link to one, which no other takes the place of.
fn into_empty(folder: &Path, files: &[File<'_>]) -> std::io::Result<()> {
    let mut staged: Vec<(NamedTempFile, PathBuf)> = Vec::new();
    for (name, text) in files {
        let mut builder = Builder::new();
        let mut file = open_to_others(builder.prefix(".portcullis-"), 0o666)
            .tempfile_in(folder)
            .map_err(unnamed)?;
        file.as_file_mut().write_all(text.as_bytes())?;
        staged.push((file, folder.join(name)));
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, path) in staged {
        if let Err(why) = file.persist_noclobber(&path) {
            for path in written {
                // There is nothing more to be done about one that stays.
                let _ = std::fs::remove_file(path);
            }
            return Err(why.error);
        }
        written.push(path);
    }
    Ok(())
}

/// What is written is a part of the author's work, and not a private file: the umask says who reads it.
#[cfg(unix)]
fn open_to_others<'b>(
    builder: &'b mut Builder<'static, 'static>,
    mode: u32,
) -> &'b mut Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn open_to_others<'b>(
    builder: &'b mut Builder<'static, 'static>,
    _: u32,
) -> &'b mut Builder<'static, 'static> {
    builder
}
