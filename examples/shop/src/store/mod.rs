//! The shop's data, in memory.

mod orders;
mod products;
mod users;

use parking_lot::RwLock;
use portcullis_password::{HashError, Passwords};
use serde::Deserialize;

pub use orders::{ALICES_ORDER, BOBS_ORDER, Change, Order, SHIPPED_ORDER, Status};
pub use products::Product;
pub use users::{NewUser, PASSWORD, ProfileChange, User};

/// The shop's data.
#[derive(Debug)]
pub struct Store {
    products: Vec<Product>,
    orders: RwLock<Vec<Order>>,
    users: RwLock<Vec<User>>,
    passwords: Passwords,
}

impl Store {
    /// A shop with a few products, orders and users.
    ///
    /// # Errors
    /// No password could be hashed.
    pub fn seeded() -> Result<Store, HashError> {
        let passwords = Passwords::new();
        Ok(Store {
            products: products::seeded(),
            orders: RwLock::new(orders::seeded()),
            users: RwLock::new(users::seeded(&passwords.hash(users::PASSWORD)?)),
            passwords,
        })
    }

    /// How passwords are hashed and checked.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }
}

/// How a client asks for a list, as the policy's `listing` lets it in.
#[derive(Debug, Deserialize)]
pub struct Listing {
    page: usize,
    limit: usize,
    sort: Sort,
    order: Direction,
    search: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Sort {
    CreatedAt,
    Name,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Asc,
    Desc,
}

impl Listing {
    /// How many rows come before the page.
    #[must_use]
    pub fn skip(&self) -> usize {
        self.page.saturating_sub(1).saturating_mul(self.limit)
    }

    /// How many rows the page has at most.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The rows that are searched for, in the order that is asked for.
    fn sorted<T>(
        &self,
        rows: impl Iterator<Item = T>,
        made: impl Fn(&T) -> i64,
        name: impl Fn(&T) -> String,
    ) -> Vec<T> {
        let searched = self.search.as_deref().unwrap_or("").to_lowercase();
        let mut rows: Vec<T> =
            rows.filter(|row| name(row).to_lowercase().contains(&searched)).collect();
        match self.sort {
            Sort::CreatedAt => rows.sort_by_key(made),
            Sort::Name => rows.sort_by_key(name),
        }
        if matches!(self.order, Direction::Desc) {
            rows.reverse();
        }
        rows
    }

    /// The page of rows.
    fn page<T>(&self, rows: Vec<T>) -> impl Iterator<Item = T> + use<T> {
        rows.into_iter().skip(self.skip()).take(self.limit)
    }
}
