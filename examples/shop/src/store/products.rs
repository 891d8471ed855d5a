//! What is sold.

use portcullis::{AttributeType, Resource, Value};
use serde::Serialize;

use super::{Listing, Store};

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

impl Store {
    /// A page of the products. The catalogue stands in the order in which it grew.
    pub fn products(&self, listing: &Listing) -> impl Iterator<Item = &Product> {
        let rows = self.products.iter().zip(0_i64..);
        let rows = listing.sorted(rows, |(_, place)| *place, |(product, _)| product.name.clone());
        listing.page(rows).map(|(product, _)| product)
    }
}

pub(super) fn seeded() -> Vec<Product> {
    let product = |id: &str, name: &str, price, purchase_price| Product {
        id: id.to_owned(),
        name: name.to_owned(),
        price,
        purchase_price,
    };
    vec![
        product("lamp", "A lamp", 4_900, 1_700),
        product("chair", "A chair", 12_900, 6_400),
        product("table", "A table", 39_900, 21_000),
    ]
}
