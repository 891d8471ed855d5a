//! `setting`.

use super::reader::{Reader, child, children};
use super::{Pair, Rule};
use crate::ast::Setting;

impl Reader {
    pub(super) fn setting(&mut self, pair: Pair<'_>) -> Option<Setting> {
        let docs = self.take_docs();
        let values: Vec<_> = children(&pair, Rule::profile_value).collect();
        let values = values
            .iter()
            .map(|found| Some((self.name_in(found, Rule::name)?, self.value_in(found)?)));
        let values = values.collect::<Option<_>>()?;
        Some(Setting {
            span: self.span(&pair),
            docs,
            name: self.name_in(&pair, Rule::field_name)?,
            kind: self.type_of(&child(&pair, Rule::type_of)?)?,
            from_host: child(&pair, Rule::kw_host).map(|word| self.span(&word)),
            values,
            waivers: self.waivers(&pair)?,
        })
    }
}
