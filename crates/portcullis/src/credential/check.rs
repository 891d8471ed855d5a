//! The checks that a JSON Web Token goes through, in their order. A client is never told which one it fails.

/// A check of a JSON Web Token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum TokenCheck {
    /// It is no longer than what is ever looked at.
    #[error("it is longer than 8192 bytes")]
    Length,
    /// RFC 7515, 7.1
    #[error("it is not three parts in base64url, without padding and with a dot between two")]
    Form,
    /// RFC 7515, 4
    #[error("its header is not strict JSON")]
    Header,
    /// RFC 7515, 4.1.11
    #[error("its header asks for extensions, by `crit` or `b64`")]
    Extensions,
    /// RFC 8725, 3.1
    #[error("its `alg` is none of the policy's `algorithms`")]
    Algorithm,
    /// RFC 8725, 3.11
    #[error("its `typ` is not the policy's `type`")]
    Type,
    /// RFC 7515, 4.1.4
    #[error("its `kid` is no text")]
    KeyName,
    /// RFC 7515, 5.2
    #[error("none of the keys that its `alg` and `kid` choose has signed it")]
    Signature,
    /// RFC 7519, 7.2
    #[error("its payload is not strict JSON")]
    Payload,
    /// RFC 7519, 4.1.1
    #[error("its `iss` is not the policy's `issuer`")]
    Issuer,
    /// RFC 7519, 4.1.3
    #[error("its `aud` is not the policy's `audience`, and no list of texts that holds it")]
    Audience,
    /// RFC 7519, 4.1.4 to 4.1.6
    #[error("its `exp` or `iat` is missing, or one of them or its `nbf` is no number")]
    Times,
    /// The policy's `lifetime`.
    #[error("its `exp` is further from its `iat` than the policy's `lifetime`")]
    Lifetime,
    /// RFC 7519, 4.1.6
    #[error("its `iat` is later than now and the policy's `leeway`")]
    IssuedAt,
    /// RFC 7519, 4.1.5
    #[error("its `nbf` is later than now and the policy's `leeway`")]
    NotBefore,
    /// The policy's `caller`.
    #[error("a claim that the policy's `caller` reads is missing, or of another type")]
    Claims,
    /// RFC 7519, 4.1.7; the policy's `revocable`
    #[error(
        "it is to be `revocable`, and its `jti` is missing or no text, or its `sid` is no text"
    )]
    Name,
    /// RFC 7519, 4.1.4
    #[error("it has expired: its `exp` and the policy's `leeway` are not later than now")]
    Expired,
}
