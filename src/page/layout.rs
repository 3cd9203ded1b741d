//! What every page has around its own: title, menu, language, who is logged in, and until when the figures go.

use super::Trouble;
use crate::users::Actor;
use crate::views::Sentence;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use lienthong_core::tables::VIETNAM;
use lienthong_core::text;

/// The cookie of the language.
pub(super) const LANGUAGE: &str = "lienthong-lang";

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Vietnamese, unless somebody switches.
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The language that a browser was switched to.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Self {
        let jar = CookieJar::from_headers(headers);
        jar.get(LANGUAGE).and_then(|cookie| Self::read(cookie.value())).unwrap_or(Self::Vietnamese)
    }

    pub(super) fn read(code: &str) -> Option<Self> {
        match code {
            "vi" => Some(Self::Vietnamese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// As HTML has it.
    pub(crate) fn code(self) -> &'static str {
        self.of("vi", "en")
    }

    /// The one of two sentences that is in this language.
    pub(crate) fn said(self, sentence: &Sentence) -> &str {
        self.of(&sentence.vi, &sentence.en)
    }

    /// The one of two texts that is in this language.
    pub(crate) fn of<'t>(self, vi: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Vietnamese => vi,
            Self::English => en,
        }
    }
}

/// The parts of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Menu {
    /// How everything stands.
    Overview,
    /// How well dossiers reach the portal.
    Sync,
    /// Dossiers and all that happened to them.
    Dossiers,
    /// What stopped.
    Letters,
    /// Parcels.
    Post,
    /// Accounts of partners.
    Partners,
    /// What operators did.
    Acts,
}

impl Menu {
    const ALL: [Self; 7] =
        [Self::Overview, Self::Sync, Self::Dossiers, Self::Letters, Self::Post, Self::Partners, Self::Acts];

    /// Where it is.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Sync => "/sync",
            Self::Dossiers => "/dossiers",
            Self::Letters => "/letters",
            Self::Post => "/post",
            Self::Partners => "/partners",
            Self::Acts => "/acts",
        }
    }

    /// What it is called.
    pub(crate) fn label(self, lang: Language) -> &'static str {
        match self {
            Self::Overview => lang.of("Tổng quan", "Overview"),
            Self::Sync => lang.of("Đồng bộ (766)", "Synchronisation (766)"),
            Self::Dossiers => lang.of("Hồ sơ", "Dossiers"),
            Self::Letters => lang.of("Bàn xử lý", "Dead letters"),
            Self::Post => lang.of("Bưu điện", "Post"),
            Self::Partners => lang.of("Đối tác", "Partners"),
            Self::Acts => lang.of("Nhật ký thao tác", "Audit"),
        }
    }
}

/// Somebody who is logged in asks for a page.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Who.
    pub(crate) actor: Actor,
    /// In which language.
    pub(crate) lang: Language,
    /// When.
    pub(crate) now: Timestamp,
    pub(super) csrf: String,
    pub(super) session: String,
    pub(super) path: String,
    pub(super) notice: Option<String>,
    pub(super) trouble: Option<String>,
}

impl Visit {
    /// What stands around the page of one part of the desk.
    pub(crate) fn layout(&self, active: Menu) -> Layout {
        self.titled(active.label(self.lang), Some(active))
    }

    /// The same under a title of its own.
    pub(crate) fn titled(&self, title: impl Into<String>, active: Option<Menu>) -> Layout {
        Layout {
            lang: self.lang,
            title: title.into(),
            active,
            actor: Some(self.actor.clone()),
            csrf: self.csrf.clone(),
            path: self.path.clone(),
            notice: self.notice.clone(),
            trouble: self.trouble.clone(),
            // What was said stays until it is read: the page does not fetch itself anew.
            as_of: self.trouble.is_none().then_some(self.now),
        }
    }

    /// After a form that was filled in wrongly: the visit of the form's page, which says what is wrong, and the status of
    /// the answer.
    ///
    /// # Errors
    /// With the trouble itself, where nobody can mend it at the form.
    pub(crate) fn again(
        &self,
        trouble: Trouble,
        path: impl Into<String>,
    ) -> Result<(StatusCode, Self), Trouble> {
        let (Trouble::Input(_) | Trouble::Refused(_) | Trouble::Act(_)) = &trouble else {
            return Err(trouble);
        };
        let said = text::capital(self.lang.said(&trouble.sentence()));
        Ok((trouble.status(), Self { path: path.into(), trouble: Some(said), ..self.clone() }))
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Trouble> {
        parts.extensions.get::<Self>().cloned().ok_or(Trouble::LoggedOut)
    }
}

/// What stands around a page: the field `layout` of every template that extends `base.html`.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) lang: Language,
    pub(crate) title: String,
    pub(crate) active: Option<Menu>,
    pub(crate) actor: Option<Actor>,
    pub(crate) csrf: String,
    /// Path and query of this page, for the switch of language.
    pub(crate) path: String,
    pub(crate) notice: Option<String>,
    /// What is wrong with the form that was sent.
    pub(crate) trouble: Option<String>,
    /// Until when the figures go; `None` where there are none.
    pub(crate) as_of: Option<Timestamp>,
}

/// An entry of the menu.
pub(crate) struct MenuItem {
    pub(crate) path: &'static str,
    pub(crate) label: &'static str,
    pub(crate) is_here: bool,
}

impl Layout {
    /// What stands around a page that nobody is logged in for.
    pub(super) fn outside(lang: Language, title: &str, path: &str) -> Self {
        Self {
            lang,
            title: title.to_owned(),
            active: None,
            actor: None,
            csrf: String::new(),
            path: path.to_owned(),
            notice: None,
            trouble: None,
            as_of: None,
        }
    }

    pub(crate) fn menu(&self) -> Vec<MenuItem> {
        let item = |menu: Menu| MenuItem {
            path: menu.path(),
            label: menu.label(self.lang),
            is_here: self.active == Some(menu),
        };
        Menu::ALL.into_iter().map(item).collect()
    }

    /// The role of whoever is logged in, in words.
    pub(crate) fn role(&self) -> &'static str {
        self.actor.as_ref().map_or("", |actor| self.lang.of(actor.role.vi(), actor.role.name()))
    }

    /// "số liệu đến 14:05", with the day in a form for programs.
    pub(crate) fn until(&self) -> Option<(String, String)> {
        let as_of = self.as_of?;
        Some((as_of.to_string(), VIETNAM.to_datetime(as_of).strftime("%H:%M:%S %d/%m/%Y").to_string()))
    }
}
