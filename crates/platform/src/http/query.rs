//! Query parameters that many routes share.

use kernel::{Cursor, Limit, Week};
use serde::Deserialize;
use uuid::Uuid;

use super::{IdCursor, cursor, limit};
use crate::{Ctx, Result};

/// Which page of a list that takes no other condition.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    /// The page of a list ordered by instant and id.
    pub fn by_time(&self) -> Result<(Limit, Option<Cursor>)> {
        Ok((limit(self.limit)?, cursor(self.cursor.as_deref())?))
    }

    /// The page of a list ordered by id alone.
    pub fn by_id(&self) -> Result<(Limit, Option<Uuid>)> {
        Ok((limit(self.limit)?, self.cursor.as_deref().map(IdCursor::decode).transpose()?))
    }
}

/// Which entity and week the figures of a route are about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WeekQuery {
    /// Only of this entity, by code.
    pub entity: Option<String>,
    /// The ISO week; the current one when it is missing.
    pub week: Option<Week>,
}

impl WeekQuery {
    /// The context narrowed to the entity, and the week in the tenant's zone.
    ///
    /// Malformed when there is no such entity; forbidden when the caller cannot see it.
    pub fn within(&self, ctx: &Ctx) -> Result<(Ctx, Week)> {
        let week = self.week.unwrap_or_else(|| Week::at(ctx.now(), &ctx.tenant().zone));
        Ok((ctx.within(self.entity.as_deref())?, week))
    }
}
