//! Who calls: credentials, roles and permissions.

use portcullis_syntax::Span;

use super::Type;

/// A set of small indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Whether `index` is in the set.
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Puts `index` into the set.
    pub fn add(&mut self, index: usize) {
        if self.0.len() <= index / 64 {
            self.0.resize(index / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Leaves what is in `other` too.
    pub fn meet(&mut self, other: &Bits) {
        for (index, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(index).copied().unwrap_or(0);
        }
    }

    /// Puts all of `other` into the set.
    pub fn join(&mut self, other: &Bits) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}

/// Whether what a role grants gives a permission: segment by segment, `*` for any one.
#[must_use]
pub fn covers(grant: &str, permission: &str) -> bool {
    let (mut grant, mut permission) = (grant.split(':'), permission.split(':'));
    loop {
        match (grant.next(), permission.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == "*" || wanted == found => {}
            _ => return false,
        }
    }
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name in the policy.
    pub name: String,
    /// What tokens call it.
    pub wire: String,
    /// The roles that it is: itself and all that it inherits.
    pub includes: Bits,
    /// The permissions that it grants, inherited ones included. Those of `anonymous` every caller
    /// has beside them.
    pub permissions: Bits,
}

/// A scope that stands for permissions.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Its name in the policy.
    pub name: String,
    /// What tokens call it.
    pub wire: String,
    /// What it stands for.
    pub permissions: Bits,
}

/// How a caller proves who they are.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its name in the policy.
    pub name: String,
    /// Where that stands.
    pub span: Span,
    /// What a token is.
    pub kind: CredentialKind,
    /// The attributes of the caller that it gives.
    pub claims: Vec<Claim>,
}

impl Credential {
    /// What is asked of its tokens, if they are JSON Web Tokens.
    #[must_use]
    pub fn jwt(&self) -> Option<&Jwt> {
        match &self.kind {
            CredentialKind::Jwt(jwt) => Some(jwt),
            CredentialKind::Opaque { .. } => None,
        }
    }
}

/// The kinds of credential.
#[derive(Debug, Clone)]
pub enum CredentialKind {
    /// A signed token that says of itself whose it is (RFC 7519).
    Jwt(Jwt),
    /// A random token that the store knows by its hash.
    Opaque {
        /// What every such token begins with.
        prefix: String,
    },
}

/// What is asked of a JSON Web Token.
#[derive(Debug, Clone)]
pub struct Jwt {
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be or hold.
    pub audience: String,
    /// The signature algorithms accepted; never empty.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// What `typ` must be, ASCII case and a leading `application/` apart (RFC 7515, 4.1.9).
    pub token_type: Option<String>,
    /// The greatest `exp - iat` in seconds.
    pub lifetime: i64,
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
    /// The clause by which a token has a `jti` and may be revoked, if it has one.
    pub revocable: Option<Span>,
}

/// The signature algorithms of RFC 7518 and RFC 8037 that a policy may pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// HMAC with SHA-256
    Hs256,
    /// HMAC with SHA-384
    Hs384,
    /// HMAC with SHA-512
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512
    Rs512,
    /// RSASSA-PSS with SHA-256
    Ps256,
    /// RSASSA-PSS with SHA-384
    Ps384,
    /// RSASSA-PSS with SHA-512
    Ps512,
    /// ECDSA on P-256 with SHA-256
    Es256,
    /// ECDSA on P-384 with SHA-384
    Es384,
    /// Ed25519
    EdDsa,
}

impl SignatureAlgorithm {
    /// Every algorithm, with the name that `alg` gives it.
    pub const ALL: &'static [(&'static str, SignatureAlgorithm)] = &[
        ("HS256", SignatureAlgorithm::Hs256),
        ("HS384", SignatureAlgorithm::Hs384),
        ("HS512", SignatureAlgorithm::Hs512),
        ("RS256", SignatureAlgorithm::Rs256),
        ("RS384", SignatureAlgorithm::Rs384),
        ("RS512", SignatureAlgorithm::Rs512),
        ("PS256", SignatureAlgorithm::Ps256),
        ("PS384", SignatureAlgorithm::Ps384),
        ("PS512", SignatureAlgorithm::Ps512),
        ("ES256", SignatureAlgorithm::Es256),
        ("ES384", SignatureAlgorithm::Es384),
        ("EdDSA", SignatureAlgorithm::EdDsa),
    ];

    /// Its name in `alg`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }
}

/// An attribute that a caller may have. Two credentials that give one of the same name and type
/// share it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallerAttribute {
    /// Its name in the policy.
    pub name: String,
    /// Its type.
    pub kind: ClaimType,
}

/// What a credential says of one attribute of the caller.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The attribute, by its slot among the caller's.
    pub attribute: usize,
    /// The path of the claim in the token's payload.
    pub path: Vec<String>,
    /// Whether it may be absent.
    pub optional: bool,
}

/// What a claim may be.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimType {
    /// A value that conditions may read.
    Plain(Type),
    /// The name of a role. A name that no role has grants nothing.
    Role,
    /// A list of them.
    Roles,
    /// Permissions, added to what the roles grant.
    Permissions,
    /// Scopes: they narrow what the roles and permissions give (RFC 6749, 3.3).
    Scopes,
}
