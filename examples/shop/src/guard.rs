//! The shop's engine.

use portcullis::store::Store;
use portcullis::{Engine, Key, Policy, SignatureAlgorithm, SigningKey};

use crate::store::{Order, Product, User};
use crate::token::SECRET;

/// The engine of the shop under a policy, with the development key, over a store.
///
/// # Errors
/// The policy does not fit the shop.
pub fn engine(
    policy: Policy,
    store: impl Store + 'static,
) -> Result<Engine, Box<dyn std::error::Error>> {
    let engine = Engine::builder(policy)
        .profile("development")
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET)?)
        .signing_key("access", SigningKey::secret(SignatureAlgorithm::Hs256, SECRET)?)
        .resource::<Order>("order")
        .resource::<Product>("product")
        .resource::<User>("user")
        .store(store)
        .build()?;
    Ok(engine)
}
