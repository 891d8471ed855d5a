//! Who buys, and who works here.

use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::{AttributeType, Authorized, Refusal, Resource, Timestamp, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Listing, Store};

/// A customer, or one of the staff.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    /// The key.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// In lower case.
    pub email: String,
    /// A picture.
    pub avatar: Option<String>,
    /// What they say of themselves.
    pub bio: Option<String>,
    /// What they may do here: a role of the policy.
    pub role: String,
    /// When they came, in seconds since the Unix epoch.
    pub created_at: i64,
    /// Of Argon2id; secret.
    pub password_hash: String,
}

const TEXT: AttributeType = AttributeType::String;
const MAYBE_TEXT: AttributeType = AttributeType::Optional(&TEXT);
const MAYBE_URL: AttributeType = AttributeType::Optional(&AttributeType::Url);

impl Resource for User {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", TEXT),
        ("name", TEXT),
        ("email", TEXT),
        ("avatar", MAYBE_URL),
        ("bio", MAYBE_TEXT),
        ("role", TEXT),
        ("created_at", AttributeType::Time),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Text(&self.id),
            1 => Value::Text(&self.name),
            2 => Value::Text(&self.email),
            3 => self.avatar.as_deref().map_or(Value::Absent, Value::Text),
            4 => self.bio.as_deref().map_or(Value::Absent, Value::Text),
            5 => Value::Text(&self.role),
            6 => Value::Time(Timestamp::from_seconds(self.created_at)),
            _ => Value::Absent,
        }
    }
}

/// Somebody new, as the policy's `register` and `create_user` let them in.
#[derive(Debug, Deserialize)]
pub struct NewUser {
    /// Where mail reaches them, in lower case.
    pub email: String,
    /// Never kept as it is.
    pub password: String,
    /// What they are called.
    pub name: String,
    /// Named by an admin alone.
    pub role: Option<String>,
}

impl NewUser {
    /// What will be stored of them.
    #[must_use]
    pub fn with_hash(self, password_hash: String) -> User {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        User {
            id: Uuid::new_v4().to_string(),
            name: self.name,
            email: self.email,
            avatar: None,
            bio: None,
            role: self.role.unwrap_or_else(|| "user".to_owned()),
            created_at: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
            password_hash,
        }
    }
}

/// A change to a profile, as the policy's `update_profile` lets it in.
#[derive(Debug, Deserialize)]
pub struct ProfileChange {
    name: Option<String>,
    bio: Option<String>,
    avatar: Option<String>,
}

impl Store {
    /// A user by the key.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<User> {
        self.users.read().iter().find(|user| user.id == id).cloned()
    }

    /// A user by the address, which is in lower case.
    #[must_use]
    pub fn user_by_address(&self, email: &str) -> Option<User> {
        self.users.read().iter().find(|user| user.email == email).cloned()
    }

    /// Keeps a hash of the same password that costs more.
    pub fn upgrade(&self, id: &str, password_hash: String) {
        if let Some(user) = self.users.write().iter_mut().find(|user| user.id == id) {
            user.password_hash = password_hash;
        }
    }

    /// Whether mail to an address reaches one of the users.
    #[must_use]
    pub fn knows_address(&self, email: &str) -> bool {
        self.users.read().iter().any(|user| user.email == email)
    }

    /// A page of the users.
    pub fn users(&self, listing: &Listing) -> impl Iterator<Item = User> + use<> {
        let users = self.users.read();
        let rows = users.iter().cloned();
        listing.page(listing.sorted(rows, |user| user.created_at, |user| user.name.clone()))
    }

    /// Keeps somebody new, unless the address is another's.
    #[must_use]
    pub fn add(&self, user: &Authorized<'_, User>) -> bool {
        let mut users = self.users.write();
        let is_free = !users.iter().any(|known| known.email == user.email);
        if is_free {
            users.push((**user).clone());
        }
        is_free
    }

    /// Changes a profile. Nobody gets here without the proof that they may.
    ///
    /// # Errors
    /// The proof is for a user who is no longer there: a fault of the service.
    pub fn change_profile<'a>(
        &self,
        user: Authorized<'a, User>,
        change: ProfileChange,
    ) -> Result<Authorized<'a, User>, Refusal> {
        let mut users = self.users.write();
        let Some(stored) = users.iter_mut().find(|stored| stored.id == user.id) else {
            return Err(Refusal::service_fault());
        };
        let ProfileChange { name, bio, avatar } = change;
        stored.name = name.unwrap_or_else(|| stored.name.clone());
        stored.bio = bio.or_else(|| stored.bio.take());
        stored.avatar = avatar.or_else(|| stored.avatar.take());
        user.replace(stored.clone())
    }

    /// Deletes a user. Nobody gets here without the proof that they may.
    pub fn remove(&self, user: &Authorized<'_, User>) {
        self.users.write().retain(|known| known.id != user.id);
    }
}

/// What every user of the seeded shop signs in with: for development only.
pub const PASSWORD: &str = "Development1!";

pub(super) fn seeded(password_hash: &str) -> Vec<User> {
    let user = |id: &str, name: &str, role: &str, created_at| User {
        id: id.to_owned(),
        name: name.to_owned(),
        email: format!("{id}@shop.example"),
        avatar: None,
        bio: None,
        role: role.to_owned(),
        created_at,
        password_hash: password_hash.to_owned(),
    };
    vec![
        user("alice", "Alice", "user", 1_767_225_600),
        user("bob", "Bob", "user", 1_767_312_000),
        user("mia", "Mia", "manager", 1_767_139_200),
        user("ada", "Ada", "admin", 1_767_052_800),
    ]
}
