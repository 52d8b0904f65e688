//! Shares in exact arithmetic.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A share between 0 and 1 in ten-thousandths (0.07 = 700). On the wire a decimal string such as `"0.07"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, utoipa::ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, examples("0.20"))]
pub struct BasisPoints(i32);

impl BasisPoints {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(10_000);

    /// `points` ten-thousandths; `None` outside 0..=10000.
    pub const fn try_new(points: i32) -> Option<Self> {
        if points >= 0 && points <= 10_000 { Some(Self(points)) } else { None }
    }

    /// The number of ten-thousandths, 0..=10000.
    pub const fn points(self) -> i32 {
        self.0
    }

    /// The share as a decimal between 0 and 1.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(i64::from(self.0), 4).normalize()
    }

    /// `None` when `share` is outside 0..=1 or finer than a ten-thousandth.
    pub fn from_decimal(share: Decimal) -> Option<Self> {
        let points = share.checked_mul(Decimal::new(10_000, 0))?.normalize();
        if points.scale() > 0 {
            return None;
        }
        i32::try_from(points.mantissa()).ok().and_then(Self::try_new)
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl Serialize for BasisPoints {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&self.to_decimal(), serializer)
    }
}

impl<'de> Deserialize<'de> for BasisPoints {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = <Decimal as Deserialize>::deserialize(deserializer)?;
        Self::from_decimal(share)
            .ok_or_else(|| serde::de::Error::custom("a share between 0 and 1 with at most four decimals"))
    }
}

impl TryFrom<i32> for BasisPoints {
    type Error = &'static str;

    fn try_from(points: i32) -> Result<Self, Self::Error> {
        Self::try_new(points).ok_or("basis points run from 0 to 10000")
    }
}
