//! What somebody has bought.

use portcullis::{AttributeType, Authorized, Refusal, Resource, Timestamp, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Listing, Store};

/// What somebody has bought.
#[derive(Debug, Clone, Serialize)]
pub struct Order {
    /// Its key.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: String,
    /// How far it has come.
    pub status: Status,
    /// In cents.
    pub total: i64,
    /// What the payment service knows the card by: secret.
    pub card_token: String,
    /// When it was placed, in seconds since the Unix epoch.
    pub created_at: i64,
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for its payment.
    Placed,
    /// It waits to be sent.
    Paid,
    /// It is on its way.
    Shipped,
    /// It will not be sent.
    Cancelled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Placed => "placed",
            Status::Paid => "paid",
            Status::Shipped => "shipped",
            Status::Cancelled => "cancelled",
        }
    }
}

impl Resource for Order {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::Uuid),
        ("user_id", AttributeType::String),
        ("status", AttributeType::Enum),
        ("total", AttributeType::Int),
        ("created_at", AttributeType::Time),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Uuid(self.id.as_u128()),
            1 => Value::Text(&self.user_id),
            2 => Value::Text(self.status.as_str()),
            3 => Value::Int(self.total),
            4 => Value::Time(Timestamp::from_seconds(self.created_at)),
            _ => Value::Absent,
        }
    }
}

/// A change to an order, as the policy's `change_order` lets it in.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// The status that the customer asks for.
    pub status: Status,
    /// In cents; an admin's alone.
    pub total: Option<i64>,
}

/// An order of `alice` that has been paid.
pub const ALICES_ORDER: Uuid = Uuid::from_u128(0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a10);
/// An order of `alice` that has been shipped.
pub const SHIPPED_ORDER: Uuid = Uuid::from_u128(0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a11);
/// An order of `bob`.
pub const BOBS_ORDER: Uuid = Uuid::from_u128(0x9d3d_1f5e_0000_4000_8000_0000_0000_0456);

impl Store {
    /// An order by its key.
    #[must_use]
    pub fn order(&self, id: Uuid) -> Option<Order> {
        self.orders.read().iter().find(|order| order.id == id).cloned()
    }

    /// The orders of everybody, in the order that is asked for. There are few. A database would be asked
    /// for those alone that `Gate::filter` says.
    #[must_use]
    pub fn orders(&self, listing: &Listing) -> Vec<Order> {
        let rows = self.orders.read();
        let rows = rows.iter().cloned();
        listing.sorted(rows, |order| order.created_at, |order| order.status.as_str().to_owned())
    }

    /// What was bought, in cents, and by how many orders.
    #[must_use]
    pub fn sales(&self) -> (i64, usize) {
        let orders = self.orders.read();
        let kept = orders.iter().filter(|order| order.status != Status::Cancelled);
        kept.fold((0, 0), |(total, count), order| (total + order.total, count + 1))
    }

    /// Changes an order. Nobody gets here without the proof that they may.
    ///
    /// # Errors
    /// The proof is for an order that is no longer there: a fault of the service.
    pub fn change<'a>(
        &self,
        order: Authorized<'a, Order>,
        change: Change,
    ) -> Result<Authorized<'a, Order>, Refusal> {
        let mut orders = self.orders.write();
        let Some(stored) = orders.iter_mut().find(|stored| stored.id == order.id) else {
            return Err(Refusal::service_fault());
        };
        stored.status = change.status;
        stored.total = change.total.unwrap_or(stored.total);
        order.replace(stored.clone())
    }
}

pub(super) fn seeded() -> Vec<Order> {
    let order = |id, user_id: &str, status, total, created_at| Order {
        id,
        user_id: user_id.to_owned(),
        status,
        total,
        card_token: "tok_never_leaves".to_owned(),
        created_at,
    };
    vec![
        order(ALICES_ORDER, "alice", Status::Paid, 4_900, 1_767_225_600),
        order(SHIPPED_ORDER, "alice", Status::Shipped, 12_900, 1_767_312_000),
        order(BOBS_ORDER, "bob", Status::Placed, 39_900, 1_767_398_400),
    ]
}
