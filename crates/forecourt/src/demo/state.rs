//! What the demo remembers from one start to the next: passwords and keys, in a file that only its owner reads.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use forecourt_record::{Context, DealerId, Role};
use serde::{Deserialize, Serialize};

use crate::{
    commands::user,
    failure::{Failure, Result},
};

/// A user of the demo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub email: String,
    pub password: String,
    pub role: Role,
}

/// How far the invented business has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filling {
    None,
    Begun,
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    #[serde(skip)]
    path: PathBuf,
    /// Whether this start made it: then no store knows its passwords.
    #[serde(skip)]
    pub is_new: bool,
    pub dealer_id: Option<DealerId>,
    pub users: Vec<Login>,
    pub altum_key: Option<String>,
    /// None in what an earlier version left.
    #[serde(default)]
    pub walcu_key: Option<String>,
    /// The same.
    #[serde(default)]
    pub autengo_key: Option<String>,
    /// The same.
    #[serde(default)]
    pub dialler_key: Option<String>,
    /// The same.
    #[serde(default)]
    pub trackdrive_schedule_token: Option<String>,
    /// The same.
    #[serde(default)]
    pub trackdrive_offer_token: Option<String>,
    pub admin_key: Option<String>,
    pub webhook_secret: String,
    pub filling: Filling,
}

impl State {
    /// What an earlier start left in a folder, else something new.
    pub fn load(folder: &Path, context: &Context) -> Result<Self> {
        let path = folder.join("demo.json");
        if !path.exists() {
            return Ok(Self::invented(path, context));
        }
        let shown = path.display().to_string();
        let text =
            fs::read_to_string(&path).map_err(|error| Failure::new(format!("{shown} cannot be read: {error}.")))?;
        let state: Self = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("{shown} is not what the demo left there: {error}.")))?;
        Ok(Self { path, ..state })
    }

    fn invented(path: PathBuf, context: &Context) -> Self {
        let login = |role: &Role| Login {
            email: format!("{}@demo-motors.example", role.as_str()),
            password: user::password(context),
            role: *role,
        };
        Self {
            path,
            is_new: true,
            dealer_id: None,
            users: Role::ALL.iter().map(login).collect(),
            altum_key: None,
            walcu_key: None,
            autengo_key: None,
            dialler_key: None,
            trackdrive_schedule_token: None,
            trackdrive_offer_token: None,
            admin_key: None,
            webhook_secret: forecourt_crm::access::secret(context, "whsec_"),
            filling: Filling::None,
        }
    }

    /// Begins anew for another store; what belongs to the one before is kept beside.
    pub fn renew(&mut self, context: &Context) -> Result<()> {
        if let Some(id) = self.dealer_id {
            fs::rename(&self.path, self.path.with_file_name(format!("demo-{id}.json")))?;
        }
        *self = Self::invented(self.path.clone(), context);
        Ok(())
    }

    /// Writes it down, whole or not at all.
    pub fn save(&self) -> Result<()> {
        let failed =
            |error: std::io::Error| Failure::new(format!("{} cannot be written: {error}.", self.path.display()));
        let text = serde_json::to_string_pretty(self).map_err(|error| Failure::new(format!("{error}.")))?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let partial = self.path.with_extension("partial");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&partial).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&partial, &self.path).map_err(failed)
    }

    /// Where it is written.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Clock, Instant};

    use super::*;

    #[test]
    fn what_was_saved_is_found_again_and_read_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let context = Context::new(Clock::virtual_at(Instant::EPOCH), 1);
        let state = State::load(folder.path(), &context).unwrap();
        assert!(state.is_new);
        state.save().unwrap();
        let mut again = State::load(folder.path(), &context).unwrap();
        assert_eq!(again, State { is_new: false, ..state.clone() });
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(state.path()).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(state.users.len(), Role::ALL.len());
        assert!(state.users.iter().all(|login| login.password.len() == 20));

        // Another store under the same folder does not cost the first one its keys.
        again.dealer_id = Some(context.id());
        again.save().unwrap();
        again.renew(&context).unwrap();
        assert!(again.is_new && again.webhook_secret != state.webhook_secret);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
