//! Whether a value is absent, as far as serde can tell: `None`, at any depth of newtypes.

use serde::Serialize;
use serde::ser::{Impossible, Serializer};

use super::key::{Other, others};

/// Whether a value serializes as nothing.
pub(super) fn is_absent<T: Serialize + ?Sized>(value: &T) -> bool {
    value.serialize(Probe).is_ok()
}

/// Takes what is absent and nothing else.
struct Probe;

impl Serializer for Probe {
    others!(());

    fn serialize_none(self) -> Result<(), Other> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Other> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Other> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Other> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Other> {
        value.serialize(self)
    }

    fn serialize_str(self, _: &str) -> Result<(), Other> {
        Err(Other)
    }

    fn serialize_char(self, _: char) -> Result<(), Other> {
        Err(Other)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Other> {
        Err(Other)
    }
}
