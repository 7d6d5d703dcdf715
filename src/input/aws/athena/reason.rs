//! Why Athena refused something, for people.

use aws_sdk_athena::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// The service's code and message, or what went wrong on the way to it, without account ids.
pub(super) fn reason<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let said = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_string(),
        _ => DisplayErrorContext(error).to_string(),
    };
    without_accounts(&said)
}

/// A text of AWS without account ids, which are numbers of twelve digits.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
pub(super) fn without_accounts(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        kept.push_str(&rest[..start]);
        kept.push_str(if digits == 12 { "*" } else { &rest[start..start + digits] });
        rest = &rest[start + digits..];
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_left_out_and_other_numbers_are_kept() {
        let text = "User: arn:aws:iam::123456789012:user/x is not allowed, query 1234567890123 of 2024, line 1:15";
        let expected = "User: arn:aws:iam::*:user/x is not allowed, query 1234567890123 of 2024, line 1:15";
        assert_eq!(without_accounts(text), expected);
        assert_eq!(without_accounts("123456789012"), "*");
        assert_eq!(without_accounts("ä"), "ä");
    }
}
