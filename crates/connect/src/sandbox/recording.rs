//! What the sandbox has accepted, one line of JSON each, on disk before it is answered.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Line {
    pub reference: String,
    pub to: String,
    pub provider_id: String,
}

/// The file, and how far of it has been read. A lock on it lasts for one act, so that several processes can share it.
pub struct Recording {
    file: File,
    read_to: u64,
}

impl Recording {
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        Ok(Self { file, read_to: 0 })
    }

    /// Learns what has been written since the last look.
    pub fn read(&mut self, known: &mut HashSet<String>) -> io::Result<()> {
        self.locked(|recording| recording.catch_up(known))
    }

    /// Writes a line down unless its reference is there, or also `again`, and returns when it is on disk.
    pub fn append(&mut self, line: &Line, known: &mut HashSet<String>, again: bool) -> io::Result<()> {
        self.locked(|recording| {
            recording.catch_up(known)?;
            if known.contains(&line.reference) && !again {
                return Ok(());
            }
            let mut text = serde_json::to_vec(line)?;
            text.push(b'\n');
            let written = recording.file.write_all(&text).and_then(|()| recording.file.sync_data());
            match written {
                Ok(()) => recording.read_to += text.len() as u64,
                // What was not answered did not happen.
                Err(_) => recording.file.set_len(recording.read_to)?,
            }
            written
        })
    }

    fn catch_up(&mut self, known: &mut HashSet<String>) -> io::Result<()> {
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(self.read_to))?;
        self.file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        for line in text[..whole].lines() {
            // Said in our own words: serde's sentence may quote the line.
            let line: Line = serde_json::from_str(line)
                .map_err(|_| io::Error::other("the recording holds a line that is not ours"))?;
            known.insert(line.reference);
        }
        self.read_to += whole as u64;
        if whole < text.len() {
            // Whoever wrote half a line died before answering: under the lock nobody else can be writing it.
            self.file.set_len(self.read_to)?;
        }
        Ok(())
    }

    fn locked<T>(&mut self, act: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.file.lock()?;
        let done = act(self);
        self.file.unlock()?;
        done
    }
}
