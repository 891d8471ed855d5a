//! One fetch, through its redirects.

use super::{CheckedUrl, Outbound, OutboundError, url};

/// A fetch that the policy allows: the URL that it is at, and how it came there.
pub struct Fetch {
    outbound: Outbound,
    url: CheckedUrl,
    redirects: usize,
}

// A URL comes from a request.
impl std::fmt::Debug for Fetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetch").field("redirects", &self.redirects).finish_non_exhaustive()
    }
}

impl Fetch {
    pub(super) fn new(outbound: Outbound, url: CheckedUrl) -> Fetch {
        Fetch { outbound, url, redirects: 0 }
    }

    /// What is fetched now.
    #[must_use]
    pub fn url(&self) -> &CheckedUrl {
        &self.url
    }

    /// How many redirects have been followed.
    #[must_use]
    pub fn redirects(&self) -> usize {
        self.redirects
    }

    /// Follows a redirect: `location` is what the answer's `Location` holds (RFC 9110, 10.2.2), a
    /// URL or a reference relative to the one fetched now. A fetch that is refused here has ended.
    ///
    /// # Errors
    /// The rule that the new URL breaks, or that there were redirects enough.
    pub fn redirect(self, location: &str) -> Result<Fetch, OutboundError> {
        if self.redirects >= self.outbound.redirects() {
            return Err(OutboundError::Redirects);
        }
        let target = url::resolved(&self.url, location)?;
        let url = self.outbound.check_url(&target)?;
        Ok(Fetch { outbound: self.outbound, url, redirects: self.redirects + 1 })
    }
}
