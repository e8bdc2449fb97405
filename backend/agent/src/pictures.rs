//! The pictures that entities may show: files of one folder, and never anything beyond it.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use archipel_protocol::{Failure, FileName, avatar::Avatar, chunks::Digest, vcard::Photo};
use rustix::fs::OFlags;

use crate::messages::Refusal;

/// The largest picture, in bytes: a card travels in one stanza.
const LIMIT: u64 = 32 * 1024;
/// The most bytes of pictures in one answer, as base64.
const ALL_LIMIT: usize = 128 * 1024;
/// How kinds of pictures begin.
const KINDS: [(&[u8], &str); 3] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
];

/// The picture of this name.
pub(crate) async fn read(folder: PathBuf, name: FileName) -> Result<Photo, Failure> {
    let unknown = Refusal::NoPicture(name.to_string(), LIMIT / 1024);
    let found = tokio::task::spawn_blocking(move || picture(&folder, &name)).await;
    Ok(found.ok().flatten().ok_or(unknown)?)
}

/// All pictures in the order of their names, as many as fit into an answer.
pub(crate) async fn all(folder: PathBuf) -> Vec<Avatar> {
    let all = tokio::task::spawn_blocking(move || listed(&folder)).await;
    all.unwrap_or_default()
}

fn listed(folder: &Path) -> Vec<Avatar> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut names: Vec<FileName> = names.collect();
    names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    let mut left = ALL_LIMIT;
    let pictures = names.into_iter().filter_map(|name| {
        let photo = picture(folder, &name)?;
        left = left.checked_sub(photo.data.len())?;
        Some(listed_one(name, photo))
    });
    pictures.collect()
}

fn listed_one(name: FileName, photo: Photo) -> Avatar {
    Avatar {
        name,
        content_type: photo.mime,
        hash: Digest::of(&photo.data).to_string(),
        data: photo.data,
    }
}

/// A regular file of the folder that is a picture and not too large. Links are not followed: they lead elsewhere.
fn picture(folder: &Path, name: &FileName) -> Option<Photo> {
    use std::io::Read as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).ok()?)
        .open(folder.join(name.as_str()))
        .ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).ok()?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= LIMIT);
    let (_, mime) = KINDS.iter().find(|(begin, _)| bytes.starts_with(begin))?;
    fits.then(|| Photo::of(mime, &bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

    fn names(folder: &Path) -> Vec<String> {
        let all = listed(folder);
        all.iter().map(|one| one.name.to_string()).collect()
    }

    #[test]
    fn only_pictures_of_the_folder_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        assert!(names(&folder.path().join("none")).is_empty());
        file("b.png", PNG);
        file("a.gif", b"GIF89a");
        file("secret.txt", b"password");
        file("large.png", &[PNG, &vec![0; 33 * 1024]].concat());
        fs::create_dir(folder.path().join("folder.png")).unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("x.png"), PNG).unwrap();
        std::os::unix::fs::symlink(outside.path().join("x.png"), folder.path().join("link.png"))
            .unwrap();
        assert_eq!(names(folder.path()), ["a.gif", "b.png"]);
        assert_eq!(listed(folder.path())[1].content_type, "image/png");
    }

    #[test]
    fn an_answer_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let large = [PNG, &vec![0; 30 * 1024]].concat();
        for number in 0..10 {
            fs::write(folder.path().join(format!("{number}.png")), &large).unwrap();
        }
        let all = listed(folder.path());
        let sum: usize = all.iter().map(|one| one.data.len()).sum();
        assert!(!all.is_empty() && sum <= ALL_LIMIT);
    }

    #[tokio::test]
    async fn a_picture_that_is_not_there_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.png"), PNG).unwrap();
        let read = async |name: &str| read(folder.path().to_owned(), name.parse().unwrap()).await;
        assert_eq!(read("a.png").await.unwrap().mime, "image/png");
        assert!(read("b.png").await.unwrap_err().text.contains("b.png"));
    }
}
