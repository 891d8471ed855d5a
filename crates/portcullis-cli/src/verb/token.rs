//! `portcullis token inspect PATH TOKEN`, and `portcullis token mint PATH`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::{Args, Subcommand};
use portcullis::{Engine, Key, KeyError, Policy, SignatureAlgorithm, SigningKey, Timestamp};
use portcullis_compiler::plan::{Credential, Jwt, Plan};

use crate::output::Output;
use crate::{Failure, Findings, Found, read};

/// The largest token and the largest file of keys, in bytes.
const LARGEST: usize = 1 << 20;

/// Look into tokens, and make some for development.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Say which check of a credential a token fails first. It exits with 1 if it fails one.
    Inspect(Inspect),
    /// Make a token for development, signed by a key that is thrown away. The token is all that is printed
    /// on standard output; what verifies it, on standard error.
    Mint(Mint),
}

#[derive(Args)]
struct Asked {
    /// A folder or a file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The credential, by its name in the policy; may be left out where the policy has one.
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
    /// The profile; may be left out where the policy names at most one.
    #[arg(long)]
    profile: Option<String>,
    /// The algorithm of the key; may be left out where the policy pins one.
    #[arg(long, value_name = "ALG")]
    algorithm: Option<String>,
    /// A variable of the environment that holds the secret of `HS256`, `HS384` or `HS512`.
    #[arg(long, value_name = "VARIABLE")]
    secret_env: Option<String>,
}

#[derive(Args)]
struct Inspect {
    #[command(flatten)]
    asked: Asked,
    /// The token; `-` reads it from standard input, where no history of a shell keeps it.
    #[arg(value_name = "TOKEN")]
    token: String,
    /// A file with a public key in PEM, a JWK or a JWK set. Without it, and without `--secret-env`, the
    /// signature is not looked at.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_env")]
    key: Option<PathBuf>,
}

#[derive(Args)]
struct Mint {
    #[command(flatten)]
    asked: Asked,
    /// The claims beside `iss`, `aud`, `iat`, `exp` and `jti`, as a JSON object. One of these that stands
    /// there is taken as it stands.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    claims: String,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    match &arguments.what {
        What::Inspect(inspect) => self::inspect(inspect, output),
        What::Mint(mint) => self::mint(mint, output),
    }
}

fn inspect(arguments: &Inspect, output: &mut Output) -> Found {
    let Some(known) = known(&arguments.asked, output)? else {
        return Ok(Findings::Some);
    };
    let token = match arguments.token.as_str() {
        "-" => {
            let too_large = "a token is never larger than 1 MiB";
            read::text(Path::new("-"), LARGEST, too_large)?.trim().to_owned()
        }
        token => token.to_owned(),
    };
    let keys = match (&arguments.key, &arguments.asked.secret_env) {
        (Some(path), _) => keys(path, &known, &arguments.asked)?,
        (None, Some(variable)) => {
            vec![Key::from_env(variable, known.algorithm(&arguments.asked)?).map_err(said)?]
        }
        (None, None) => Vec::new(),
    };
    let signature = !keys.is_empty();
    let engine = known.engine(keys)?;
    let mut parts = token.split('.');
    for name in ["header", "payload"] {
        let part = parts.next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let json = part.and_then(|part| serde_json::from_slice::<serde_json::Value>(&part).ok());
        let text = json.map_or_else(|| "cannot be read".to_owned(), |json| format!("{json:#}"));
        output.lines(&format!("{name} {text}"))?;
    }
    if !signature {
        output.line(
            "the signature was not looked at: give `--key FILE` or `--secret-env VARIABLE`",
        )?;
    }
    let now = Timestamp::from(SystemTime::now());
    let name = &known.credential.name;
    match engine.inspect_token(name, &token, signature, now) {
        Some(Ok(())) => {
            let but = if signature { "" } else { " but that of the signature" };
            output.line(&format!("good: it passes every check of `{name}`{but}"))?;
            if known.jwt.revocable.is_some() {
                output.line("whether it was revoked, the service's store knows")?;
            }
            Ok(Findings::None)
        }
        Some(Err(failed)) => {
            output.line(&format!("refused by `{name}`: {failed}"))?;
            Ok(Findings::Some)
        }
        None => Err(Failure::Said(format!("`{name}` is no credential of JSON Web Tokens"))),
    }
}

fn mint(arguments: &Mint, output: &mut Output) -> Found {
    let Some(known) = known(&arguments.asked, output)? else {
        return Ok(Findings::Some);
    };
    let algorithm = known.algorithm(&arguments.asked)?;
    let (signing, key, told) = match &arguments.asked.secret_env {
        Some(variable) => {
            let secret = std::env::var(variable)
                .map_err(|_| said(KeyError::NoVariable { variable: variable.clone() }))?;
            let signing = SigningKey::secret(algorithm, secret.as_bytes()).map_err(said)?;
            let key = Key::secret(algorithm, secret.as_bytes()).map_err(said)?;
            (signing, key, format!("the secret in `{variable}`"))
        }
        None => thrown_away(algorithm)?,
    };
    let engine = known.engine(vec![key])?;
    let now = Timestamp::from(SystemTime::now());
    let name = &known.credential.name;
    let token = engine.mint_token(name, &arguments.claims, &signing, now).ok_or_else(|| {
        Failure::Said("expected the claims as a JSON object, in `--claims`".to_owned())
    })?;
    output.line(&token)?;
    for line in format!("verified as `{}` by {told}", algorithm.as_str()).lines() {
        output.complain(line);
    }
    match engine.inspect_token(name, &token, true, now) {
        Some(Ok(())) => Ok(Findings::None),
        failed => {
            let why = failed.and_then(Result::err).map(|failed| failed.to_string());
            output.complain(&format!("refused by `{name}`: {}", why.unwrap_or_default()));
            output.complain(&format!("its claims are {}", known.wanted()));
            Ok(Findings::Some)
        }
    }
}

/// What a command is about.
struct Known {
    policy: Policy,
    plan: Plan,
    credential: Credential,
    jwt: Jwt,
}

impl Known {
    /// The one that is named, else the one that is pinned.
    fn algorithm(&self, asked: &Asked) -> Result<SignatureAlgorithm, Failure> {
        let pinned = || {
            let names = self.jwt.algorithms.iter().map(|pinned| pinned.as_str());
            names.collect::<Vec<_>>().join("`, `")
        };
        match (&asked.algorithm, self.jwt.algorithms.as_slice()) {
            (None, [only]) => Ok(*only),
            (None, _) => Err(Failure::Said(format!(
                "`{}` pins `{}`: name one by `--algorithm`",
                self.credential.name,
                pinned()
            ))),
            (Some(name), all) => {
                all.iter().copied().find(|known| known.as_str() == name).ok_or_else(|| {
                    Failure::Said(format!(
                        "`{}` does not pin `{name}`, only `{}`",
                        self.credential.name,
                        pinned()
                    ))
                })
            }
        }
    }

    fn engine(&self, keys: Vec<Key>) -> Result<Engine, Failure> {
        Engine::builder(self.policy.clone())
            .profile(self.plan.profile.as_str())
            .keys(&self.credential.name, keys)
            .without_keys()
            .without_settings()
            .build()
            .map_err(|why| Failure::Said(why.to_string()))
    }

    /// The claims that the policy reads, for whoever has left one out.
    fn wanted(&self) -> String {
        let claims = self.credential.claims.iter().map(|claim| {
            let name = self.plan.caller.get(claim.attribute).map_or("", |found| &found.name);
            let may = if claim.optional { ", which may be missing" } else { "" };
            format!("`{}` for `{name}`{may}", claim.path.join("."))
        });
        claims.collect::<Vec<_>>().join("; ")
    }
}

/// Nothing, where the policy has faults, which were printed.
fn known(asked: &Asked, output: &mut Output) -> Result<Option<Known>, Failure> {
    let profile = asked.profile.as_deref();
    let Some((compilation, plan)) = super::planned(&asked.path, profile, output)? else {
        return Ok(None);
    };
    let of_jwt = |found: &&Credential| found.jwt().is_some();
    let mut all = plan.credentials.iter().filter(of_jwt);
    let found = match (&asked.credential, all.clone().count()) {
        (Some(name), _) => all.find(|found| found.name == *name),
        (None, 1) => all.next(),
        (None, _) => None,
    };
    let names: Vec<&str> =
        plan.credentials.iter().filter(of_jwt).map(|found| found.name.as_str()).collect();
    let credential = found.cloned().ok_or_else(|| {
        Failure::Said(match names.as_slice() {
            [] => "the policy has no credential of JSON Web Tokens".to_owned(),
            names => format!("name one of `{}` by `--credential`", names.join("`, `")),
        })
    })?;
    let jwt = credential.jwt().cloned();
    let jwt = jwt.ok_or_else(|| Failure::Said("no JSON Web Token".to_owned()))?;
    Ok(Some(Known { policy: Policy::from(compilation), plan, credential, jwt }))
}

fn keys(path: &Path, known: &Known, asked: &Asked) -> Result<Vec<Key>, Failure> {
    let text = read::text(path, LARGEST, "a file of keys is never larger than 1 MiB")?;
    let json = serde_json::from_str::<serde_json::Value>(&text).ok();
    let keys = match json {
        Some(json) if json.get("keys").is_some() => Key::jwks(&text, &known.jwt.algorithms),
        Some(_) => Key::jwk(&text, known.algorithm(asked)?).map(|key| vec![key]),
        None => Key::pem(known.algorithm(asked)?, &text).map(|key| vec![key]),
    };
    keys.map_err(|why| Failure::Said(format!("{}: {why}", path.display())))
}

/// A key that nobody will have again, its other half, and how to say that one.
fn thrown_away(algorithm: SignatureAlgorithm) -> Result<(SigningKey, Key, String), Failure> {
    let mut chance = [0_u8; 32];
    getrandom::fill(&mut chance).map_err(|why| Failure::Said(why.to_string()))?;
    match algorithm {
        SignatureAlgorithm::Hs256 | SignatureAlgorithm::Hs384 | SignatureAlgorithm::Hs512 => {
            let secret: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
            let signing = SigningKey::secret(algorithm, secret.as_bytes()).map_err(said)?;
            let key = Key::secret(algorithm, secret.as_bytes()).map_err(said)?;
            Ok((signing, key, format!("the secret {secret}")))
        }
        SignatureAlgorithm::EdDsa => {
            /// What stands before the 32 bytes of a private key (RFC 8410, 7), and of a public one (4).
            const PRIVATE: [u8; 16] = [
                0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
                0x04, 0x20,
            ];
            const PUBLIC: [u8; 12] =
                [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
            let public = ed25519_dalek::SigningKey::from_bytes(&chance).verifying_key();
            let private = pem("PRIVATE KEY", &[&PRIVATE[..], &chance].concat());
            let public = pem("PUBLIC KEY", &[&PUBLIC[..], public.as_bytes()].concat());
            let signing = SigningKey::pem(algorithm, &private).map_err(said)?;
            let key = Key::pem(algorithm, &public).map_err(said)?;
            Ok((signing, key, format!("this key:\n{}", public.trim_end())))
        }
        other => Err(Failure::Said(format!(
            "keys to throw away are made for `EdDSA`, `HS256`, `HS384` and `HS512`, not for `{}`",
            other.as_str()
        ))),
    }
}

fn pem(label: &str, bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

fn said(why: KeyError) -> Failure {
    Failure::Said(why.to_string())
}
