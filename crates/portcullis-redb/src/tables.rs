//! The tables of the file: what one transaction does to them, and what is read of them without one.
//!
//! Sessions, opaque tokens and counts are kept as JSON, behind the time at which they are gone: so a sweep reads
//! only what it removes.

use std::collections::HashSet;

use portcullis::Timestamp;
use portcullis::store::{
    Count, CountChange, Digest, Family, HashSecret, KeptToken, Presentation, Presented, Successor,
};
use redb::{
    Error, MultimapTable, MultimapTableDefinition, ReadTransaction, ReadableMultimapTable,
    ReadableTable, ReadableTableMetadata, Table, TableDefinition, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Id = &'static [u8; 32];

/// When it is gone, and what it is, as JSON.
type Entry = (i64, &'static [u8]);

/// Which format a file has; another than [`FORMAT`] is not touched.
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// Until when what is revoked is worth knowing, in nanoseconds.
const REVOKED: TableDefinition<'_, Id, i64> = TableDefinition::new("revoked");
const FAMILIES: TableDefinition<'_, Id, Entry> = TableDefinition::new("families");
const OPAQUE: TableDefinition<'_, Id, Entry> = TableDefinition::new("opaque");
/// The sessions of a subject.
const FAMILIES_OF: MultimapTableDefinition<'_, Id, Id> =
    MultimapTableDefinition::new("families_of");
/// The opaque tokens of a subject.
const OPAQUE_OF: MultimapTableDefinition<'_, Id, Id> = MultimapTableDefinition::new("opaque_of");
/// What budgets that last have counted, by the ids of their keys. An entry is gone when all is there again.
const COUNTS: TableDefinition<'_, u64, Entry> = TableDefinition::new("counts");
/// Of each budget, when the last of the counts that were removed was gone.
const FLOORS: TableDefinition<'_, &str, i64> = TableDefinition::new("floors");
/// What makes ids of keys.
const SECRET: TableDefinition<'_, (), &[u8]> = TableDefinition::new("secret");

pub(crate) const FORMAT: u64 = 1;

/// Says in the file which format it has, if nothing does yet; which that is.
pub(crate) fn format(transaction: &WriteTransaction) -> Result<u64, Error> {
    let mut meta = transaction.open_table(META)?;
    let known = meta.get("format")?.map(|format| format.value());
    if known.is_none() {
        meta.insert("format", FORMAT)?;
    }
    Ok(known.unwrap_or(FORMAT))
}

/// What makes ids of keys: the file's, or a new one that is the file's from now on.
pub(crate) fn secret(transaction: &WriteTransaction) -> Result<HashSecret, Error> {
    let mut secrets = transaction.open_table(SECRET)?;
    if let Some(secret) = secrets.get(())? {
        return read(secret.value());
    }
    let secret = HashSecret::random();
    secrets.insert((), written(&secret)?.as_slice())?;
    Ok(secret)
}

/// All tables, within one transaction.
pub(crate) struct Tables<'t> {
    revoked: Table<'t, Id, i64>,
    families: Table<'t, Id, Entry>,
    families_of: MultimapTable<'t, Id, Id>,
    opaque: Table<'t, Id, Entry>,
    opaque_of: MultimapTable<'t, Id, Id>,
    counts: Table<'t, u64, Entry>,
    floors: Table<'t, &'static str, i64>,
    changes: Changes,
}

/// What a transaction comes to.
#[derive(Default)]
pub(crate) struct Changes {
    /// Whether there is anything to write.
    pub(crate) any: bool,
    /// What is revoked by it.
    pub(crate) revoked: Vec<Digest>,
    /// Which revocations are forgotten by it.
    pub(crate) forgotten: HashSet<Digest>,
}

impl<'t> Tables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Tables<'t>, Error> {
        Ok(Tables {
            revoked: transaction.open_table(REVOKED)?,
            families: transaction.open_table(FAMILIES)?,
            families_of: transaction.open_multimap_table(FAMILIES_OF)?,
            opaque: transaction.open_table(OPAQUE)?,
            opaque_of: transaction.open_multimap_table(OPAQUE_OF)?,
            counts: transaction.open_table(COUNTS)?,
            floors: transaction.open_table(FLOORS)?,
            changes: Changes::default(),
        })
    }

    /// What was done. The transaction can be committed once nobody has its tables any more.
    pub(crate) fn close(self) -> Changes {
        self.changes
    }

    /// How many entries there are that a sweep would look at.
    pub(crate) fn len(&self) -> Result<u64, Error> {
        let kept = self.families.len()?.saturating_add(self.opaque.len()?);
        let counted = self.counts.len()?;
        Ok(self.revoked.len()?.saturating_add(kept).saturating_add(counted))
    }

    pub(crate) fn all_revoked(&self) -> Result<HashSet<Digest>, Error> {
        self.revoked.iter()?.map(|entry| Ok(Digest(*entry?.0.value()))).collect()
    }

    pub(crate) fn revoke(&mut self, id: &Digest, until: Timestamp) -> Result<(), Error> {
        let known = self.revoked.get(&id.0)?.map(|until| until.value());
        let until = until.as_nanos();
        if known.is_none_or(|known| known < until) {
            self.revoked.insert(&id.0, until)?;
            self.changes.any = true;
        }
        self.changes.forgotten.remove(id);
        self.changes.revoked.push(*id);
        Ok(())
    }

    pub(crate) fn begin(&mut self, session: &Digest, family: &Family) -> Result<(), Error> {
        if let Some(before) = row::<Family>(&self.families, session)? {
            self.families_of.remove(&before.subject.0, &session.0)?;
        }
        self.put_family(session, family)?;
        self.families_of.insert(&family.subject.0, &session.0)?;
        Ok(())
    }

    /// What presenting a token means, and the claims of its session where it is good. Where that ends the
    /// session, its access tokens are revoked.
    pub(crate) fn present(
        &mut self,
        presented: &Presented,
        successor: Option<&Successor>,
        now: Timestamp,
    ) -> Result<(Presentation, Option<String>), Error> {
        let Some(mut family) = row::<Family>(&self.families, &presented.session)? else {
            return Ok((Presentation::Unknown, None));
        };
        let means = family.present(presented, successor, now);
        if matches!(means, Presentation::Taken(_) | Presentation::Reused) {
            self.put_family(&presented.session, &family)?;
        }
        if means == Presentation::Reused {
            self.revoke(&presented.session, presented.revoked_until)?;
        }
        Ok(with_claims(means, family))
    }

    pub(crate) fn end(&mut self, session: &Digest, until: Timestamp) -> Result<(), Error> {
        if let Some(mut family) = row::<Family>(&self.families, session)? {
            family.end();
            self.put_family(session, &family)?;
        }
        self.revoke(session, until)
    }

    pub(crate) fn end_all(&mut self, subject: &Digest, until: Timestamp) -> Result<u64, Error> {
        let mut ended = 0;
        for session in ids(&self.families_of, subject)? {
            let Some(mut family) = row::<Family>(&self.families, &session)? else { continue };
            if !family.is_ended() {
                family.end();
                self.put_family(&session, &family)?;
                self.revoke(&session, until)?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    pub(crate) fn keep(&mut self, token: &Digest, kept: &KeptToken) -> Result<(), Error> {
        if let Some(before) = row::<KeptToken>(&self.opaque, token)? {
            self.opaque_of.remove(&before.subject.0, &token.0)?;
        }
        self.put_opaque(token, kept)?;
        self.opaque_of.insert(&kept.subject.0, &token.0)?;
        Ok(())
    }

    pub(crate) fn discard(&mut self, token: &Digest) -> Result<bool, Error> {
        let Some(kept) = row::<KeptToken>(&self.opaque, token)? else { return Ok(false) };
        self.opaque.remove(&token.0)?;
        self.opaque_of.remove(&kept.subject.0, &token.0)?;
        self.changes.any = true;
        Ok(true)
    }

    /// Notes that an opaque token is used, unless that was noted a moment ago, or it is not there any more.
    pub(crate) fn note_use(
        &mut self,
        token: &Digest,
        now: Timestamp,
    ) -> Result<Option<KeptToken>, Error> {
        let Some(mut kept) = row::<KeptToken>(&self.opaque, token)? else { return Ok(None) };
        if !kept.has_expired(now) && kept.used(now) {
            self.put_opaque(token, &kept)?;
        }
        Ok(Some(kept))
    }

    /// Keeps what has changed of the counts.
    pub(crate) fn count(&mut self, changes: &[CountChange]) -> Result<(), Error> {
        for change in changes {
            match change {
                CountChange::Counted(id, count) => {
                    let json = written(count)?;
                    let entry = (count.full_at().as_nanos(), json.as_slice());
                    self.counts.insert(id, entry)?;
                }
                CountChange::Forgotten(id) => drop(self.counts.remove(id)?),
                CountChange::Floor(budget, floor) => self.raise_floor(budget, floor.as_nanos())?,
            }
        }
        self.changes.any |= !changes.is_empty();
        Ok(())
    }

    fn raise_floor(&mut self, budget: &str, floor: i64) -> Result<(), Error> {
        let known = self.floors.get(budget)?.map(|known| known.value());
        if known.is_none_or(|known| known < floor) {
            self.floors.insert(budget, floor)?;
        }
        Ok(())
    }

    /// All that is kept of the counts.
    pub(crate) fn all_counts(&self) -> Result<Vec<CountChange>, Error> {
        let counted = self.counts.iter()?.map(|entry| {
            let (id, count) = entry?;
            Ok(CountChange::Counted(id.value(), read(count.value().1)?))
        });
        let floors = self.floors.iter()?.map(|entry| {
            let (budget, floor) = entry?;
            Ok(CountChange::Floor(budget.value().into(), Timestamp::from_nanos(floor.value())))
        });
        counted.chain(floors).collect()
    }

    /// Removes all that is kept of the counts; how many those of keys were.
    pub(crate) fn forget_counts(&mut self) -> Result<u64, Error> {
        let counted = self.counts.len()?;
        self.counts.retain(|_, _| false)?;
        self.floors.retain(|_, _| false)?;
        Ok(counted)
    }

    /// Removes what is over by age; how much that was.
    pub(crate) fn sweep(&mut self, now: Timestamp) -> Result<u64, Error> {
        let now = now.as_nanos();
        let mut swept = 0_u64;
        for entry in self.revoked.extract_if(|_, until| until <= now)? {
            self.changes.forgotten.insert(Digest(*entry?.0.value()));
            swept += 1;
        }
        for entry in self.families.extract_if(|_, (gone_at, _)| gone_at <= now)? {
            let (session, family) = entry?;
            let family: Family = read(family.value().1)?;
            self.families_of.remove(&family.subject.0, session.value())?;
            swept += 1;
        }
        for entry in self.opaque.extract_if(|_, (gone_at, _)| gone_at <= now)? {
            let (token, kept) = entry?;
            let kept: KeptToken = read(kept.value().1)?;
            self.opaque_of.remove(&kept.subject.0, token.value())?;
            swept += 1;
        }
        let mut floors = Vec::new();
        for entry in self.counts.extract_if(|_, (full_at, _)| full_at <= now)? {
            let (_, count) = entry?;
            let (full_at, json) = count.value();
            floors.push((read::<Count>(json)?.budget().to_owned(), full_at));
            swept += 1;
        }
        for (budget, full_at) in floors {
            self.raise_floor(&budget, full_at)?;
        }
        self.changes.any |= swept > 0;
        Ok(swept)
    }

    fn put_family(&mut self, session: &Digest, family: &Family) -> Result<(), Error> {
        let json = written(family)?;
        self.families.insert(&session.0, (family.gone_at().as_nanos(), json.as_slice()))?;
        self.changes.any = true;
        Ok(())
    }

    fn put_opaque(&mut self, token: &Digest, kept: &KeptToken) -> Result<(), Error> {
        let json = written(kept)?;
        let gone_at = kept.expires_at.map_or(i64::MAX, Timestamp::as_nanos);
        self.opaque.insert(&token.0, (gone_at, json.as_slice()))?;
        self.changes.any = true;
        Ok(())
    }
}

/// What presenting a refresh token would mean, by a family that stays as it is in the file.
pub(crate) fn look(
    transaction: &ReadTransaction,
    presented: &Presented,
    now: Timestamp,
) -> Result<(Presentation, Option<String>), Error> {
    let families = transaction.open_table(FAMILIES)?;
    Ok(match row::<Family>(&families, &presented.session)? {
        None => (Presentation::Unknown, None),
        Some(mut family) => with_claims(family.present(presented, None, now), family),
    })
}

/// An opaque token, as it was written last.
pub(crate) fn opaque(
    transaction: &ReadTransaction,
    token: &Digest,
) -> Result<Option<KeptToken>, Error> {
    row(&transaction.open_table(OPAQUE)?, token)
}

/// The opaque tokens of a subject.
pub(crate) fn kept(
    transaction: &ReadTransaction,
    subject: &Digest,
) -> Result<Vec<(Digest, KeptToken)>, Error> {
    let opaque = transaction.open_table(OPAQUE)?;
    let tokens = ids(&transaction.open_multimap_table(OPAQUE_OF)?, subject)?;
    let kept = tokens.into_iter().map(|token| Ok(row(&opaque, &token)?.map(|kept| (token, kept))));
    kept.filter_map(Result::transpose).collect()
}

fn with_claims(means: Presentation, family: Family) -> (Presentation, Option<String>) {
    let claims = means.good_until().map(|_| family.claims);
    (means, claims)
}

fn ids(table: &impl ReadableMultimapTable<Id, Id>, of: &Digest) -> Result<Vec<Digest>, Error> {
    table.get(&of.0)?.map(|id| Ok(Digest(*id?.value()))).collect()
}

fn row<T: DeserializeOwned>(
    table: &impl ReadableTable<Id, Entry>,
    id: &Digest,
) -> Result<Option<T>, Error> {
    table.get(&id.0)?.map(|entry| read(entry.value().1)).transpose()
}

/// What serde says of it may quote it: that is dropped.
fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|_| Error::Corrupted("an entry is not readable".into()))
}

fn written(entry: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(entry).map_err(|_| Error::Corrupted("an entry is not writable".into()))
}
