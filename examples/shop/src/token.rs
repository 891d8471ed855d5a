//! Tokens for development, without a sign-in.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

/// A key that everybody knows: for development only.
pub const SECRET: &[u8] = b"development only: this test key is public";

/// A token for a user and a role, good for a quarter of an hour from now.
///
/// # Errors
/// The clock stands before 1970, or signing failed.
pub fn mint(user: &str, role: &str) -> Result<String, Box<dyn std::error::Error>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = serde_json::json!({
        "iss": "your-api.example",
        "aud": "your-app",
        "iat": now,
        "exp": now + 15 * 60,
        "jti": uuid::Uuid::new_v4(),
        "sub": user,
        "role": role,
    });
    Ok(encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET))?)
}
