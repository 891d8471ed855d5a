//! The shop's data: a few products and orders, in memory.

use parking_lot::RwLock;
use portcullis::{AttributeType, Authorized, Refusal, Resource, Timestamp, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is sold.
#[derive(Debug, Clone, Serialize)]
pub struct Product {
    /// Its key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// In cents.
    pub price: i64,
    /// What the shop itself pays: in no view.
    pub purchase_price: i64,
}

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
    /// A word to the shop.
    pub note: Option<String>,
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

impl Resource for Product {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::String),
        ("name", AttributeType::String),
        ("price", AttributeType::Int),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Text(&self.id),
            1 => Value::Text(&self.name),
            2 => Value::Int(self.price),
            _ => Value::Absent,
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
    /// A word to the shop.
    pub note: Option<String>,
}

/// The shop's data.
#[derive(Debug)]
pub struct Store {
    products: Vec<Product>,
    orders: RwLock<Vec<Order>>,
}

/// An order of `alice` that has been paid.
pub const ALICES_ORDER: Uuid = Uuid::from_u128(0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a10);
/// An order of `alice` that has been shipped.
pub const SHIPPED_ORDER: Uuid = Uuid::from_u128(0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a11);
/// An order of `bob`.
pub const BOBS_ORDER: Uuid = Uuid::from_u128(0x9d3d_1f5e_0000_4000_8000_0000_0000_0456);

impl Store {
    /// A shop with a few products and orders.
    #[must_use]
    pub fn seeded() -> Store {
        let product = |id: &str, name: &str, price, purchase_price| Product {
            id: id.to_owned(),
            name: name.to_owned(),
            price,
            purchase_price,
        };
        let order = |id, user_id: &str, status, total, created_at| Order {
            id,
            user_id: user_id.to_owned(),
            status,
            total,
            note: None,
            card_token: "tok_never_leaves".to_owned(),
            created_at,
        };
        Store {
            products: vec![
                product("lamp", "A lamp", 4_900, 1_700),
                product("chair", "A chair", 12_900, 6_400),
                product("table", "A table", 39_900, 21_000),
            ],
            orders: RwLock::new(vec![
                order(ALICES_ORDER, "alice", Status::Paid, 4_900, 1_767_225_600),
                order(SHIPPED_ORDER, "alice", Status::Shipped, 12_900, 1_767_312_000),
                order(BOBS_ORDER, "bob", Status::Placed, 39_900, 1_767_398_400),
            ]),
        }
    }

    /// All products.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.iter()
    }

    /// An order by its key.
    #[must_use]
    pub fn order(&self, id: Uuid) -> Option<Order> {
        self.orders.read().iter().find(|order| order.id == id).cloned()
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
        if change.note.is_some() {
            stored.note = change.note;
        }
        order.replace(stored.clone())
    }
}
