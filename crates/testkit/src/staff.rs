//! People who work at the test's dealer.

use forecourt_crm::{
    access::{self, SESSION},
    settings::NewUser,
};
use forecourt_record::{
    CredentialKind, Id, Result, Role, User, UserId,
    calendar::{LocalTime, Shift, Weekday},
};
use forecourt_store::{Command, Tx};

use crate::TestApp;

/// A user made for a test.
#[derive(Clone, Debug)]
pub struct Agent {
    pub user: UserId,
    /// As the API knows them: `u_7`.
    pub id: String,
    pub email: String,
}

impl TestApp {
    /// A user of a role at these locations, always on shift, without a password.
    pub async fn hire(&self, name: &str, role: Role, locations: &[&str]) -> Agent {
        self.hire_with(name, role, locations, |_| {}).await
    }

    /// A session of a user, by e-mail address, as if they had just logged in.
    ///
    /// # Panics
    /// When there is no such user.
    pub async fn session(&self, email: &str) -> String {
        let config = self.crm().config(self.dealer).await.expect("the dealer has settings");
        let user = config.users.iter().find(|user| user.doc.email == email).expect("the user is known");
        let token = access::secret(&self.crm().context, "alt_sk_");
        self.write(OpenSession { hash: access::hash(&token), user: user.id }).await;
        token
    }

    /// The same, with shifts or leave of their own.
    ///
    /// # Panics
    /// When the user cannot be made.
    pub async fn hire_with(&self, name: &str, role: Role, locations: &[&str], change: impl FnOnce(&mut User)) -> Agent {
        let unique: Id<()> = self.crm().context.id();
        let mut user = User {
            email: format!("{unique}@staff.example"),
            name: name.to_owned(),
            role,
            locations: locations.iter().map(|code| (*code).to_owned()).collect(),
            active: true,
            shifts: Vec::new(),
            leave: Vec::new(),
            alzura_id: None,
        };
        change(&mut user);
        let new = NewUser { user, password: None };
        let user = self.crm().user_add(&self.caller(), new).await.expect("a user");
        Agent { user: user.id, id: format!("u_{}", user.extra.number), email: user.doc.email }
    }

    /// Switches off the two agents that every dealership of a test begins with.
    ///
    /// # Panics
    /// When the store does not take it.
    pub async fn dismiss_agents(&self) {
        for role in [Role::Bdc, Role::Sales] {
            let email = self.email(role).to_owned();
            self.crm().user_activate(&self.caller(), &email, false).await.expect("the user is known");
        }
    }
}

struct OpenSession {
    hash: String,
    user: UserId,
}

impl Command for OpenSession {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let until = tx.scope().now + SESSION;
        tx.credential_add(&self.hash, CredentialKind::Session, self.user.cast(), Some(until)).await
    }
}

/// A shift on every day of the week, `09:00` to `17:00` for example.
///
/// # Panics
/// When a time cannot be read.
pub fn daily(from: &str, to: &str) -> Shift {
    let time = |text: &str| -> LocalTime { text.parse().expect("a time of the day") };
    Shift { days: Weekday::ALL.to_vec(), from: time(from), to: time(to) }
}
