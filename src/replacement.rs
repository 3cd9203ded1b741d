//! Replaces a file as a whole: whoever reads it finds the old text or the new one, never a part.
//!
//! The new text is written beside the file, brought to the disk, and renamed over it. A crash before the rename leaves the
//! old file and a `….new` beside it, which the next replacement overwrites. The folder is locked meanwhile, and
//! the file must still hold what it held when the new text was made: two who change it at once do not lose each other's
//! change.

use rustix::fs::{FlockOperation, flock};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that was not replaced, and is as it was; or, of [`Error::Folder`], one that was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Another process replaces a file of this folder at this moment.
    #[error("another command is writing in {}; wait until it has ended", .0.display())]
    Busy(PathBuf),
    /// The file has another text than the one that the change was made for.
    #[error("{} was changed meanwhile; run the command again", .0.display())]
    Changed(PathBuf),
    /// The file is replaced, but its folder could not be brought to the disk: a power failure may bring the old one back.
    #[error("{} is replaced, but a power failure may undo it; look at the disk", .path.display())]
    Folder {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It could not be written.
    #[error("failed to write {}", .path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Puts `text` in the place of a file that holds `before`; `None` where there is no file yet.
///
/// # Errors
/// When the file changed meanwhile, or cannot be written; then it is as it was. [`Error::Folder`] when it is replaced
/// and that may not last.
pub(crate) fn replace(path: &Path, before: Option<&str>, text: &str) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Io { path, source }
    };
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_absent| path.to_path_buf());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let locked = File::open(folder).map_err(failed(folder))?;
    match flock(&locked, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Err(Error::Busy(folder.to_path_buf())),
        Err(error) => return Err(failed(folder)(error.into())),
    }
    if read_if_any(&path).map_err(failed(&path))?.as_deref() != before {
        return Err(Error::Changed(path));
    }
    let new = beside(&path);
    let put = write_beside(&path, &new, text).map_err(failed(&new));
    if let Err(error) = put.and_then(|()| fs::rename(&new, &path).map_err(failed(&path))) {
        fs::remove_file(&new).ok();
        return Err(error);
    }
    locked.sync_all().map_err(|source| Error::Folder { path: path.clone(), source })
}

fn read_if_any(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".new");
    path.with_file_name(name)
}

/// Writes the new file to the disk, with the rights of the old one.
fn write_beside(path: &Path, new: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(new)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_replaced_with_its_rights_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("units.csv");
        replace(&path, None, "một\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, Some("một\n"), "hai\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "hai\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_changed_meanwhile_or_is_being_written_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("units.csv");
        fs::write(&path, "của người khác\n").unwrap();
        assert!(matches!(replace(&path, Some("cũ\n"), "mới\n"), Err(Error::Changed(_))));
        assert!(matches!(replace(&path, None, "mới\n"), Err(Error::Changed(_))));
        let other = File::open(folder.path()).unwrap();
        flock(&other, FlockOperation::NonBlockingLockExclusive).unwrap();
        assert!(matches!(replace(&path, Some("của người khác\n"), "mới\n"), Err(Error::Busy(_))));
        drop(other);
        assert_eq!(fs::read_to_string(&path).unwrap(), "của người khác\n");
        // What stands where the new text is to be written cannot be written to.
        fs::create_dir(folder.path().join("units.csv.new")).unwrap();
        assert!(matches!(replace(&path, Some("của người khác\n"), "mới\n"), Err(Error::Io { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "của người khác\n");
    }

    #[test]
    fn what_a_crash_left_beside_the_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("units.csv");
        fs::write(&path, "cũ\n").unwrap();
        fs::write(folder.path().join("units.csv.new"), "một nửa rất dài của một lần trước").unwrap();
        replace(&path, Some("cũ\n"), "mới\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "mới\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
