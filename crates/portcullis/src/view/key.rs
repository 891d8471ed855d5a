//! The text of a map's key.

use std::fmt;

use serde::Serialize;
use serde::ser::{self, Impossible, Serializer};

/// Takes text and nothing else.
pub(super) struct Key;

/// It is something else. It says nothing of it, and costs nothing.
#[derive(Debug)]
pub(super) struct Other;

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something else")
    }
}

impl std::error::Error for Other {}

impl ser::Error for Other {
    fn custom<T: fmt::Display>(_: T) -> Other {
        Other
    }
}

/// Methods of a serializer that answer [`Other`] for all that a type does not take.
macro_rules! others {
    ($ok:ty) => {
        type Ok = $ok;
        type Error = Other;
        type SerializeSeq = Impossible<$ok, Other>;
        type SerializeTuple = Impossible<$ok, Other>;
        type SerializeTupleStruct = Impossible<$ok, Other>;
        type SerializeTupleVariant = Impossible<$ok, Other>;
        type SerializeMap = Impossible<$ok, Other>;
        type SerializeStruct = Impossible<$ok, Other>;
        type SerializeStructVariant = Impossible<$ok, Other>;

        others!(@plain $ok, serialize_bool: bool, serialize_i8: i8, serialize_i16: i16,
            serialize_i32: i32, serialize_i64: i64, serialize_u8: u8, serialize_u16: u16,
            serialize_u32: u32, serialize_u64: u64, serialize_f32: f32, serialize_f64: f64,
            serialize_bytes: &[u8]);

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self, _: &'static str, _: u32, _: &'static str, _: &T,
        ) -> Result<$ok, Other> {
            Err(Other)
        }

        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Other> {
            Err(Other)
        }

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Other> {
            Err(Other)
        }

        fn serialize_tuple_struct(
            self, _: &'static str, _: usize,
        ) -> Result<Self::SerializeTupleStruct, Other> {
            Err(Other)
        }

        fn serialize_tuple_variant(
            self, _: &'static str, _: u32, _: &'static str, _: usize,
        ) -> Result<Self::SerializeTupleVariant, Other> {
            Err(Other)
        }

        fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Other> {
            Err(Other)
        }

        fn serialize_struct(
            self, _: &'static str, _: usize,
        ) -> Result<Self::SerializeStruct, Other> {
            Err(Other)
        }

        fn serialize_struct_variant(
            self, _: &'static str, _: u32, _: &'static str, _: usize,
        ) -> Result<Self::SerializeStructVariant, Other> {
            Err(Other)
        }
    };
    (@plain $ok:ty, $($method:ident: $type:ty),+) => {
        $(fn $method(self, _: $type) -> Result<$ok, Other> { Err(Other) })+
    };
}

pub(super) use others;

impl Serializer for Key {
    others!(String);

    fn serialize_str(self, text: &str) -> Result<String, Other> {
        Ok(text.to_owned())
    }

    fn serialize_char(self, text: char) -> Result<String, Other> {
        Ok(text.to_string())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<String, Other> {
        Ok(variant.to_owned())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, Other> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<String, Other> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<String, Other> {
        Err(Other)
    }

    fn serialize_unit(self) -> Result<String, Other> {
        Err(Other)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<String, Other> {
        Err(Other)
    }
}
