//! Holds the evaluators against each other on URLs, and what they accept against its own text.

use portcullis::{CheckedUrl, Engine, Fetch, Policy};
use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};
use url::{Host, Url};

use crate::generate::{Dice, outbound, url};
use portcullis_reference::Reference;

/// Outbounds that differ in what they allow.
const POLICY: &str = r#"
outbound open {}
outbound plain { schemes [http, https] ports [80, 443, 8080] }
outbound images {
    schemes    [https, http]
    ports      [443, 8443]
    redirects  2
    hosts      ["images.example.com", "*.images.example.com", "8.8.8.8", "[2606:4700:0::1111]", "printer.local"]
}
"#;

/// Makes an outbound and URLs of the choices, and has both evaluators judge each URL under each profile.
/// How many judgements were compared and how many URLs were accepted, or the first difference in words.
///
/// # Errors
/// The evaluators differ, or the outbound that was made does not compile.
pub fn compare_urls(choices: Vec<u16>) -> Result<(usize, usize), String> {
    let mut dice = Dice::new(choices);
    let policy = outbound(&mut dice);
    let urls: Vec<String> = (0..16).map(|_| url(&mut dice)).collect();
    let mut accepted = 0;
    let profiles = profiles(&policy);
    for profile in &profiles {
        let evaluators = Outbounds::of(&policy, profile)?;
        for text in &urls {
            let said = |why: String| format!("{policy}{profile}: {why}");
            accepted += usize::from(evaluators.judge("made", text).map_err(said)?.is_some());
        }
    }
    Ok((profiles.len() * urls.len(), accepted))
}

fn profiles(policy: &str) -> Vec<String> {
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", policy));
    compile(sources).profiles
}

/// An engine and a reference evaluator with the same outbounds.
pub struct Outbounds {
    engine: Engine,
    reference: Reference,
}

impl Outbounds {
    /// Both evaluators, new.
    ///
    /// # Errors
    /// The policy does not compile.
    pub fn new() -> Result<Outbounds, String> {
        Outbounds::of(POLICY, "default")
    }

    fn of(policy: &str, profile: &str) -> Result<Outbounds, String> {
        let mut sources = Sources::new();
        sources.add(Source::new("policy.gate", policy));
        let compilation = compile(sources);
        let reference = Reference::new(compilation.files.clone(), profile, Vec::new());
        let engine = Engine::builder(Policy::from(compilation)).profile(profile).build();
        Ok(Outbounds { engine: engine.map_err(|why| why.to_string())?, reference })
    }

    /// Has both evaluators judge a URL by each outbound. How many of them accept it, or the first
    /// difference in words.
    ///
    /// # Errors
    /// The evaluators differ, or what was accepted is not allowed.
    pub fn check(&self, text: &str) -> Result<usize, String> {
        let mut accepted = 0;
        for name in ["open", "plain", "images"] {
            let Some(checked) = self.judge(name, text)? else { continue };
            let wrong = |what: &str| format!("`{name}` accepts {text:?}: {what}");
            for text in [text, checked.as_str()] {
                let url = Url::parse(text).map_err(|why| wrong(&why.to_string()))?;
                allowed(name, &url).map_err(wrong)?;
            }
            accepted += 1;
        }
        Ok(accepted)
    }
}

impl Outbounds {
    /// Has both evaluators judge a URL by one outbound.
    fn judge(&self, name: &str, text: &str) -> Result<Option<CheckedUrl>, String> {
        let outbound = self.engine.outbound(name).ok_or("the policy has the outbound")?;
        let checked = outbound.check_url(text);
        if checked.is_ok() != self.reference.fetches(name, text) {
            return Err(format!("`{name}`, {text:?}: the engine says {checked:?}"));
        }
        let Ok(checked) = checked else { return Ok(None) };
        // What was accepted is accepted again, unless it has grown.
        let again = outbound.check_url(checked.as_str());
        if checked.as_str().len() <= 2048 && again.as_ref() != Ok(&checked) {
            return Err(format!("`{name}` accepts {text:?}: its normal form is another"));
        }
        Ok(Some(checked))
    }

    /// Has the engine follow redirects from the first of the texts to the others. How many it has
    /// followed at last.
    ///
    /// # Errors
    /// A redirect leads to what the reference does not accept, or further than allowed.
    pub fn check_redirects<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<usize, String> {
        let outbound = self.engine.outbound("images").ok_or("the policy has the outbound")?;
        let mut followed = 0;
        let mut at = None;
        for text in texts {
            let next = match at {
                None => outbound.fetch(text),
                Some(fetch) => Fetch::redirect(fetch, text),
            };
            let Ok(fetch) = next else { return Ok(followed) };
            followed = fetch.redirects();
            let url = fetch.url().as_str();
            if followed > 2 || (url.len() <= 2048 && !self.reference.fetches("images", url)) {
                return Err(format!("redirect {followed} leads from {text:?} to {url:?}"));
            }
            at = Some(fetch);
        }
        Ok(followed)
    }
}

/// What must hold of a URL that an outbound accepts, by `url`'s own reading.
fn allowed(name: &str, url: &Url) -> Result<(), &'static str> {
    let (schemes, ports): (&[&str], &[u16]) = match name {
        "open" => (&["https"], &[443]),
        "plain" => (&["https", "http"], &[80, 443, 8080]),
        _ => (&["https", "http"], &[443, 8443]),
    };
    if !schemes.contains(&url.scheme()) {
        return Err("its scheme");
    }
    if !url.port_or_known_default().is_some_and(|port| ports.contains(&port)) {
        return Err("its port");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its credentials");
    }
    match url.host() {
        Some(Host::Domain(host)) if name == "images" => {
            let is_image = host == "images.example.com" || host.ends_with(".images.example.com");
            if is_image { Ok(()) } else { Err("its host") }
        }
        Some(Host::Domain(host)) if host.contains('.') && !host.ends_with('.') => Ok(()),
        Some(Host::Ipv4(address)) if !address.is_private() && !address.is_loopback() => Ok(()),
        Some(Host::Ipv6(address)) if !address.is_loopback() && !address.is_unique_local() => Ok(()),
        _ => Err("its host"),
    }
}
