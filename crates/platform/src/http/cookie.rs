//! Cookies: one writer, and one switch, which is on. Every cookie is kept from scripts, sent over HTTPS alone and not from other sites'
//! pages (spec/desk.md D-01).

use axum::http::{HeaderName, HeaderValue, header::SET_COOKIE};
use axum::response::AppendHeaders;

/// The header that sets a cookie.
pub type SetCookie = AppendHeaders<[(HeaderName, HeaderValue); 1]>;

/// Sets the cookie `name` for so many seconds; none at all takes it away. What of the value is no letter, digit, `-`, `_` or `.` is left
/// out: nothing in it needs quoting, and nothing breaks out.
pub fn set_cookie(name: &str, value: &str, seconds: i64) -> SetCookie {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let value: String = value.chars().filter(plain).collect();
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    AppendHeaders([(SET_COOKIE, HeaderValue::from_str(&text).expect("plain letters are a header"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_01_every_cookie_is_secure_and_hidden_from_scripts_and_its_value_breaks_out_of_nothing() {
        let text = |value| set_cookie("__Host-comptoir", value, 604_800).0[0].1.to_str().unwrap().to_owned();
        let expected = "__Host-comptoir=abc; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(text("abc"), expected);
        assert_eq!(text("a; Domain=x\r\nSet-Cookie: b=c"), expected.replace("abc", "aDomainxSet-Cookiebc"));
    }
}
