//! Keys that an issuer publishes, for a service whose tokens are another's. The shop signs its own tokens with a
//! development secret and fetches none; its tests run this.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use portcullis::KeySource;

/// Fetches the set whenever it is time to, for as long as the service runs.
pub async fn follow<E: Display>(source: KeySource, fetch: impl AsyncFn() -> Result<String, E>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        if !source.wants(SystemTime::now()) {
            continue;
        }
        match fetch().await {
            Ok(set) => {
                if let Err(why) = source.update(&set, SystemTime::now()) {
                    tracing::warn!("the issuer's keys are not taken: {why}");
                }
            }
            Err(why) => {
                source.failed(SystemTime::now());
                tracing::warn!("the issuer's keys cannot be fetched: {why}");
            }
        }
    }
}
